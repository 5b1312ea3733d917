"""Where a published result is: a database, or a report, whose evidence becomes one for a while."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage import queries
from shampoo_tune.storage.database import Reader, create_or_open, open_existing
from shampoo_tune.storage.study_rows import stored_points
from shampoo_tune.tuner.report.document import make_document
from shampoo_tune.tuner.report.page import render_page
from shampoo_tune.tuner.verifying.digests import design_digest, digest_of
from shampoo_tune.tuner.verifying.evidence import written_by
from shampoo_tune.tuner.verifying.evidence_form import EvidenceForm, read_evidence
from shampoo_tune.tuner.verifying.link import Difference, Link
from shampoo_tune.tuner.verifying.page_link import page_link
from shampoo_tune.tuner.verifying.report_file import evidence_of, parse_page, read_report
from shampoo_tune.tuner.verifying.restoring import restore

RunName = tuple[str, int, str, int]  # study, trial, phase, seed


@dataclass(frozen=True)
class Report:
    """A report: its text, the evidence as it stands there, and as it was checked."""

    text: str
    document: Mapping[str, Any]
    evidence: EvidenceForm

    @property
    def group(self) -> str:
        """The name of the group that it is about."""
        return self.evidence.groups[-1].name

    @cached_property
    def curve_digests(self) -> dict[RunName, str | None]:
        """Of what each run measured in its last attempt."""
        return {
            (study.name, run.trial, run.phase, run.seed): run.attempts[-1].curve
            for study in self.evidence.groups[-1].studies
            for run in study.runs
            if run.attempts
        }


@dataclass(frozen=True)
class Source:
    """A database that is read, and the report that it came from, if it did."""

    database: Reader
    group: str
    report: Report | None = None

    def curve_digest(self, run: RunName) -> str | None:
        """The digest that a report tells of all that a run measured; None if there is no report."""
        return self.report.curve_digests.get(run) if self.report else None


@contextmanager
def open_group(address: str, group: str) -> Iterator[Source]:
    """A group in a database, which is only read. Raises as `open_existing` does."""
    with open_existing(address) as database:
        yield Source(database, group)


@contextmanager
def open_report(path: Path) -> Iterator[Source]:
    """The group of a report.

    Raises:
        NotFoundError: there is no such file.
        InvalidInputError: it is no report, or what it embeds is broken.
    """
    text = read_report(path)
    document = evidence_of(parse_page(text), str(path))
    report = Report(text, document, read_evidence(document))
    with tempfile.TemporaryDirectory() as folder:
        database = create_or_open(f"sqlite:///{Path(folder) / 'evidence.db'}")
        with database:
            try:
                with database.write() as connection:
                    restore(connection, report.evidence)
            except (ValueError, OverflowError) as error:
                raise InvalidInputError(f"the report's data are broken: {error}") from None
            yield Source(database, report.group, report)


def evidence_link(connection: Connection, report: Report) -> Link:
    """Whether the evidence is what its digests were made of."""
    found = []
    digest = digest_of(report.document["groups"])
    if digest != report.evidence.digest:
        found.append(Difference("evidence", "digest", report.evidence.digest, digest))
    for study in report.evidence.groups[-1].studies:
        row = queries.require_study(connection, study.name)
        design = design_digest(stored_points(connection, row.id))
        if design != study.design:
            found.append(Difference(study.name, "digest of the design", study.design, design))
    return Link("evidence", f"sha256 {report.evidence.digest}", tuple(found))


def published_link(connection: Connection, report: Report) -> Link:
    """Whether the page shows what its evidence comes to."""
    expected = render_page(make_document(connection, report.group), report.document)
    return page_link(report.text, expected)


def other_program(report: Report) -> str | None:
    """A sentence if another version wrote the report than this one."""
    if report.evidence.written_by == written_by():
        return None
    return (
        f"the report was written by another version ({_version(report.evidence.written_by)}; this"
        f" is {_version(written_by())}): differences of the page may be of wording or drawing"
    )


def _version(told: Mapping[str, Any]) -> str:
    git = told.get("git")
    commit = f" at {str(git.get('commit'))[:12]}" if isinstance(git, dict) else ""
    return f"{told.get('shampoo-tune')}{commit}"
