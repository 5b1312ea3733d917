"""A database as a large study leaves it, written in bulk: only the training is made up.

The file, the points, the phases and what they select are the service's own. A run's curve rises to
a level that depends on its learning rate, with noise; some runs diverge, and some lost a machine
half way in their first attempt.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from shampoo_tune.storage import queries, records
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.storage.inserting import insert_row, insert_rows
from shampoo_tune.storage.run_metrics import write_missing_run_metrics
from shampoo_tune.storage.seed_medians import write_all_seed_medians
from shampoo_tune.storage.tables import (
    Attempt,
    ExecutionFacts,
    MeasurementRow,
    Run,
    StudyMetric,
    Trial,
)
from shampoo_tune.study import AttemptState, GroupState, Phase, RunState, run_seed
from shampoo_tune.tuner.phases import advance
from shampoo_tune.tuner.study_file.loading import parse_study_file
from shampoo_tune.tuner.study_file.model import Study
from shampoo_tune.tuner.submission import submit
from shampoo_tune.workloads import WORKLOADS

STUDY = "large/shampoo"
_FILE = """\
version: 1
name: large
workload: {name: resnet_digits}
budget: {steps: 100, trials: 10000, finalists: 3, finalist_seeds: 5, seeds: 50, eval_every: 1}
optimizers:
  shampoo:
    learning_rate: {min: 1e-2, max: 10, scale: log}
    beta1: {min: 0.5, max: 0.97, scale: one_minus_log}
    beta2: {min: 0.5, max: 0.999, scale: one_minus_log}
    matrix_epsilon: {min: 1e-6, max: 1e-1, scale: log}
    exponent_override: {values: [0, 2, 4, 8]}
    weight_decay: {min: 1e-6, max: 1e-2, scale: log}
"""
_INFEASIBLE, _LOST = 0.05, 0.02  # shares of runs that diverge, and whose first attempt is lost
_HOSTS = 4
_RUNS_AT_ONCE = 500
_COLUMNS = ("attempt_id", "metric_id", "step", "value")

_Curves = dict[str, list[float]]


def make_large_database(path: Path, trials: int = 10_000, steps: int = 100) -> None:
    """Write a group `large` with one study, completed in all its phases, to a new SQLite file."""
    fill_large_database(f"sqlite:///{path}", trials, steps)


def fill_large_database(
    address: str,
    trials: int = 10_000,
    steps: int = 100,
    metrics: Sequence[str] = WORKLOADS["resnet_digits"].metrics,
    *,
    all_finalists: bool = False,
) -> None:
    """Write a group `large` with one study.

    Args:
        address: of an empty database, which is created if there is none.
        trials: points of the search.
        steps: of every run, each of them evaluated.
        metrics: those that an evaluation measures.
        all_finalists: train every trial with all seeds of the finalists, and end there; otherwise
            the study is completed in all its phases.
    """
    file = large_file(trials, steps)
    rng = np.random.default_rng(0)
    with create_or_open(address) as database, database.write() as connection:
        group = submit(connection, file, file.name)
        (study,) = queries.studies_of(connection, group.id)
        _train(connection, study, metrics, rng)
        if all_finalists:
            _queue_all_finalists(connection, study)
            _train(connection, study, metrics, rng)
        while not all_finalists and advance(connection, group, study, workers=1):
            _train(connection, study, metrics, rng)
        records.set_group_state(connection, group.id, GroupState.COMPLETED)


def large_file(trials: int = 10_000, steps: int = 100) -> Study:
    """The study file of so many trials."""
    overrides = (f"budget.trials={trials}", f"budget.steps={steps}")
    return parse_study_file(_FILE, "large.yaml", overrides, WORKLOADS).study


def _queue_all_finalists(connection: Connection, study: Row[Any]) -> None:
    runs = [
        (trial.id, run_seed(study.replicate, Phase.FINALISTS, index))
        for trial in queries.trials_by_number(connection, study.id).values()
        for index in range(study.finalist_seeds)
    ]
    records.add_runs(connection, study.id, Phase.FINALISTS, runs)


def _train(
    connection: Connection, study: Row[Any], metrics: Sequence[str], rng: np.random.Generator
) -> None:
    """Give every queued run its verdict."""
    query = select(Run.id, Trial.point).join(Trial, Trial.id == Run.trial_id)
    query = query.where(Run.study_id == study.id, Run.state == RunState.QUEUED).order_by(Run.id)
    runs = connection.execute(query).all()
    facts = [_facts_id(connection, host) for host in range(_HOSTS)]
    known = select(StudyMetric.metric, StudyMetric.id).where(StudyMetric.study_id == study.id)
    ids = {row.metric: row.id for row in connection.execute(known) if row.metric in metrics}
    for begin in range(0, len(runs), _RUNS_AT_ONCE):
        some = runs[begin : begin + _RUNS_AT_ONCE]
        attempts = _train_some(connection, study.steps, some, facts, rng)
        measured = (attempt.measurements(study.steps, ids, rng) for attempt in attempts)
        insert_rows(
            connection, MeasurementRow.__tablename__, _COLUMNS, chain.from_iterable(measured)
        )
    write_missing_run_metrics(connection)
    write_all_seed_medians(connection)


def _train_some(
    connection: Connection,
    steps: int,
    runs: Sequence[Row[Any]],
    facts: Sequence[int],
    rng: np.random.Generator,
) -> list["_Attempt"]:
    first_id = (connection.scalar(select(func.max(Attempt.id))) or 0) + 1
    attempts = list(_attempts(runs, steps, first_id, rng))
    connection.execute(insert(Attempt), [attempt.row(facts) for attempt in attempts])
    verdicts = [
        {"run": attempt.run_id, "verdict": attempt.verdict, "why": attempt.reason}
        for attempt in attempts
        if attempt.verdict
    ]
    query = update(Run).where(Run.id == bindparam("run"))
    query = query.values(state=bindparam("verdict"), reason=bindparam("why"))
    connection.execute(query, verdicts)
    return attempts


def _attempts(
    runs: Sequence[Row[Any]], steps: int, first_id: int, rng: np.random.Generator
) -> Iterator["_Attempt"]:
    attempt_id = first_id
    for run in runs:
        level = 0.98 - 0.05 * math.log(run.point["learning_rate"]) ** 2 + 0.01 * rng.normal()
        lost = rng.random() < _LOST
        if lost:
            yield _Attempt(attempt_id, run.id, 1, level, steps // 2, None)
            attempt_id += 1
        infeasible = rng.random() < _INFEASIBLE
        last = int(rng.integers(steps)) if infeasible else steps
        verdict = RunState.INFEASIBLE if infeasible else RunState.COMPLETED
        yield _Attempt(attempt_id, run.id, 1 + int(lost), level, last, verdict)
        attempt_id += 1


@dataclass(frozen=True)
class _Attempt:
    """An attempt that measured up to step `last`; one without a verdict was lost."""

    id: int
    run_id: int
    number: int
    level: float
    last: int
    verdict: RunState | None

    @property
    def reason(self) -> str | None:
        if self.verdict is RunState.INFEASIBLE:
            return f"diverged at step {self.last + 1}"
        return None if self.verdict else "the worker process was killed"

    def row(self, facts: Sequence[int]) -> dict[str, Any]:
        """As a worker reports it: 10 ms a step, 2 ms an evaluation; a few had to compile."""
        compilation = 0.0 if self.id % 100 else 3.0
        timings = {
            "seconds": compilation + 0.012 * self.last,
            "compile_seconds": compilation,
            "evaluation_seconds": 0.002 * self.last,
        }
        return {
            "id": self.id,
            "run_id": self.run_id,
            "number": self.number,
            "state": AttemptState.COMPLETED if self.verdict else AttemptState.LOST,
            "reason": self.reason,
            "facts_id": facts[self.id % _HOSTS],
            **(timings if self.verdict else dict.fromkeys(timings)),
        }

    def measurements(
        self, steps: int, ids: Mapping[str, int], rng: np.random.Generator
    ) -> Iterator[tuple[int, int, int, float]]:
        """Rows of the table; `ids` are those of the metrics that an evaluation measures."""
        curves = _curves(self.level, self.last, steps, rng)
        for metric, id_ in ids.items():
            yield from zip(repeat(self.id), repeat(id_), range(1, self.last + 1), curves[metric])


def _curves(level: float, last: int, steps: int, rng: np.random.Generator) -> _Curves:
    """All metrics at steps 1 to `last`; accuracies are counts of examples."""
    risen = 1 - np.exp(-np.arange(1, last + 1) / (0.15 * steps))
    curves = {"train_loss": np.maximum(2.3 - 2.2 * level * risen, 0.01)}
    for split, examples in (("valid", 359), ("test", 360)):
        accuracy = np.clip(level * risen + 0.01 * rng.normal(size=last), 0, 1)
        curves[f"{split}_accuracy"] = np.round(examples * accuracy) / examples
        curves[f"{split}_loss"] = 2.3 - 2.2 * accuracy + 0.01 * rng.random(last)
    return {metric: values.tolist() for metric, values in curves.items()}


def _facts_id(connection: Connection, host: int) -> int:
    digest = f"{host:064}"
    known = select(ExecutionFacts.id).where(ExecutionFacts.digest == digest)
    found = connection.scalar(known)
    return found or insert_row(connection, ExecutionFacts, digest=digest, facts=_facts(host))


def _facts(host: int) -> dict[str, Any]:
    """What a worker tells of itself."""
    return {
        "host": f"worker-{host}",
        "pid": 1000 + host,
        "platform": "Linux-6.1-x86_64",
        "python": "3.11.2",
        "jaxlib": "0.10.1",
        "device_kind": "cpu",
        "device_count": 1,
        "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        "workload_fingerprint": "0" * 64,
        "optimizer_state_bytes": 1_234_568,
    }
