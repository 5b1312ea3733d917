"""The audit of a group: its chain, then some of its runs trained again."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage import queries, study_rows
from shampoo_tune.tuner.programs.adopting import check_group
from shampoo_tune.tuner.programs.command import Command
from shampoo_tune.tuner.report.seeds import final_seeds, results_table
from shampoo_tune.tuner.study_loading import load_studies
from shampoo_tune.tuner.verifying.chain import audit
from shampoo_tune.tuner.verifying.choosing import Chosen, choose, trainable
from shampoo_tune.tuner.verifying.digests import curve_digest
from shampoo_tune.tuner.verifying.evidence import make_evidence
from shampoo_tune.tuner.verifying.facts import RECORDED
from shampoo_tune.tuner.verifying.link import Link
from shampoo_tune.tuner.verifying.retraining import OpenWorkers, retrain
from shampoo_tune.tuner.verifying.second_training import Published, SecondTraining
from shampoo_tune.tuner.verifying.sources import (
    Source,
    evidence_link,
    other_program,
    published_link,
)
from shampoo_tune.tuner.verifying.stored_study import StoredStudy
from shampoo_tune.tuner.verifying.verification import Verification
from shampoo_tune.workloads.known import PROGRAM

OnDone = Callable[[SecondTraining], None]
# Shows second trainings while the block runs: called with their number.
ShowProgress = Callable[[int], AbstractContextManager[OnDone]]


@dataclass(frozen=True)
class Sample:
    """Which runs are to be trained again, and how they are judged.

    Attributes:
        count: how many at most; 0 checks the chain alone.
        seed: that they are chosen with.
        tolerance: see `second_training.compare`.
        command: of the program that trains them, if one does.
    """

    count: int
    seed: int
    tolerance: float
    command: Command | None = None


def verify(
    source: Source,
    sample: Sample,
    open_workers: OpenWorkers,
    show_progress: ShowProgress,
    should_stop: Callable[[], bool],
) -> Verification:
    """Audit a group. Nothing is written, and no transaction is open while runs are trained.

    Raises:
        NotFoundError: there is no such group.
        InvalidInputError: its workload is not installed here, or a program trains it and its
            command is not given.
    """
    with source.database.read() as connection:
        group = queries.require_group(connection, source.group)
        _require_means(group, sample)
        links, studies = audit(connection, group.name)
        links = _with_page(connection, source, links)
        whole = not any(link.differences for link in links)
        evidence = make_evidence(connection, group.name) if whole else None
        results = load_studies(connection, group.name) if whole else []
        runs, published = _sample(connection, source, studies, sample)
    trainings = list[SecondTraining]()
    if published:
        with show_progress(len(published)) as on_done:
            trainings = retrain(published, open_workers, sample.tolerance, on_done, should_stop)
    return Verification(
        group=group.name,
        source="report" if source.report else "database",
        state=group.state,
        digest=_digest(source, evidence),
        links=tuple(links),
        seed=sample.seed,
        chosen=len(published),
        trainable=runs,
        trainings=tuple(trainings),
        remarks=tuple(_remarks(source, links, studies, runs)),
        results=results_table([final_seeds(study) for study in results]) if results else None,
    )


def _require_means(group: Row[Any], sample: Sample) -> None:
    """Whether what trains the group's runs is here."""
    if not sample.count:
        return
    if group.document["workload"]["name"] == PROGRAM and sample.command is None:
        raise InvalidInputError(
            f"the runs of {group.name!r} were trained by a program: give its command after --exec"
            " --, or check the chain alone with --runs 0"
        )
    check_group(group, sample.command)


def _with_page(connection: Connection, source: Source, links: list[Link]) -> list[Link]:
    """The links of a report beside those of its evidence."""
    if source.report is None:
        return links
    first = evidence_link(connection, source.report)
    if any(link.differences for link in links):
        # What contradicts itself cannot be drawn.
        last = Link("page", "not compared, as the links before it are broken", ())
    else:
        last = published_link(connection, source.report)
    return [first, *links, last]


def _digest(source: Source, evidence: dict[str, Any] | None) -> str | None:
    if evidence is None:
        return None
    return source.report.evidence.digest if source.report else str(evidence["digest"])


def _sample(
    connection: Connection, source: Source, studies: Sequence[StoredStudy], sample: Sample
) -> tuple[int, list[Published]]:
    """How many runs could be trained, and what is stored of those that were chosen."""
    numbers = {run.last.facts for study in studies for run in study.runs if run.last}
    facts = {n: told for n, (_, told) in study_rows.stored_facts(connection, numbers).items()}
    recorded = {number for number, told in facts.items() if told.get(RECORDED)}
    runs = trainable(studies, recorded, by_command=sample.command is not None)
    chosen = choose(runs, sample.count, sample.seed)
    curves = _curves(connection, chosen)
    return len(runs), [_published(source, study, run, curves, facts) for study, run in chosen]


def _curves(connection: Connection, chosen: Sequence[Chosen]) -> dict[int, study_rows.Curve]:
    wanted = {run.last.attempt_id for _, run in chosen if run.last}
    return {
        attempt: curve
        for study in {study.row.id for study, _ in chosen}
        for attempt, curve in study_rows.stored_curves(connection, study)
        if attempt in wanted
    }


def _published(
    source: Source,
    study: StoredStudy,
    run: study_rows.StoredRun,
    curves: dict[int, study_rows.Curve],
    facts: dict[int, dict[str, Any]],
) -> Published:
    if run.last is None:
        raise AssertionError("only runs with a verdict are chosen")
    curve = curves.get(run.last.attempt_id, {})
    told = source.curve_digest((study.name, run.trial, run.phase, run.seed))
    return Published(
        study=study,
        run=run,
        configuration=study.configuration(run.trial),
        curve=curve,
        digest=told or curve_digest(curve),
        facts=facts[run.last.facts],
    )


def _remarks(
    source: Source, links: Sequence[Link], studies: Sequence[StoredStudy], runs: int
) -> list[str]:
    remarks = []
    shown_otherwise = any(link.name == "page" and link.differences for link in links)
    if source.report and shown_otherwise and (other := other_program(source.report)):
        remarks.append(other)
    judged = sum(run.last is not None for study in studies for run in study.runs)
    if judged > runs:
        remarks.append(
            f"{judged - runs} runs were recorded from outside: nobody here can train them again"
        )
    if not judged:
        remarks.append("no run has a verdict yet")
    return remarks
