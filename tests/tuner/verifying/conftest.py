"""A group that was trained for real, copies of it to tamper with, and its report."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from shampoo_tune.storage.backup import back_up
from shampoo_tune.storage.database import open_existing, open_for_writing
from shampoo_tune.tuner.local_workers import LocalWorkers
from shampoo_tune.tuner.report.document import make_document
from shampoo_tune.tuner.report.page import render_page
from shampoo_tune.tuner.verifying.evidence import make_evidence
from shampoo_tune.tuner.verifying.second_training import SecondTraining
from shampoo_tune.tuner.verifying.sources import Source, open_group, open_report
from shampoo_tune.tuner.verifying.verification import Verification
from shampoo_tune.tuner.verifying.verifying import OnDone, Sample, verify
from tests.tuner.conftest import Laboratory
from tests.tuner.report.conftest import trained

__all__ = ["trained"]

Copy = Callable[..., str]


@pytest.fixture
def tampered(trained: Laboratory, tmp_path: Path) -> Copy:
    """Makes a copy of the trained database, with statements executed in it; returns its address."""
    numbers = itertools.count()

    def copy(*statements: str) -> str:
        path = tmp_path / f"{next(numbers)}.db"
        with open_existing(trained.url) as database:
            back_up(database, str(path))
        with open_for_writing(f"sqlite:///{path}") as database, database.write() as connection:
            for statement in statements:
                assert connection.execute(text(statement)).rowcount, statement
        return f"sqlite:///{path}"

    return copy


@pytest.fixture(scope="session")
def report(trained: Laboratory) -> str:
    """The report of the trained group."""
    with trained.read() as connection:
        document, evidence = make_document(connection, "quick"), make_evidence(connection, "quick")
    return render_page(document, evidence)


@contextmanager
def show(total: int) -> Iterator[OnDone]:
    shown: list[SecondTraining] = []
    yield shown.append
    assert len(shown) == total


def check(source: Source, sample: Sample) -> Verification:
    """An audit by one real worker."""
    return verify(
        source, sample, lambda threads: LocalWorkers(1, threads=threads), show, lambda: False
    )


def chain_of(address: str, runs: int = 0, seed: int = 0) -> Verification:
    """An audit of the group in a database."""
    with open_group(address, "quick") as source:
        return check(source, Sample(runs, seed, 0.05))


def audit_of(report: str, folder: Path, runs: int = 0, seed: int = 0) -> Verification:
    """An audit of a report with this text."""
    path = folder / "report.html"
    path.write_text(report, encoding="utf-8")
    with open_report(path) as source:
        return check(source, Sample(runs, seed, 0.05))


def told(found: Verification) -> list[str]:
    """Every difference of the chain as a sentence, after its link's name."""
    return [f"{link.name}: {d}" for link in found.links for d in link.differences]
