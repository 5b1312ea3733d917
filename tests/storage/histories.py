"""Random histories of a study: written through `records`, and told again in plain Python."""

from dataclasses import dataclass
from itertools import count
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection, Row, select

from shampoo_tune.storage import queries, records
from shampoo_tune.storage.attempts import finish_attempt, start_attempt
from shampoo_tune.storage.database import Database
from shampoo_tune.storage.measurements import add_measurements
from shampoo_tune.storage.tables import Run, Trial
from shampoo_tune.study import AttemptState, Measurement, Phase, RunState
from tests.storage.conftest import GROUP, METRICS, new_study

STEPS = (2, 4, 5)  # of a budget of 5, evaluated every 2
GOALS = {"train_loss": "minimize", "valid_loss": "minimize", "valid_accuracy": "maximize"}
VERDICTS = (RunState.COMPLETED, RunState.INFEASIBLE)

Metrics = dict[str, float]


@dataclass(frozen=True)
class Attempt:
    """One attempt: what it measured at the first of `STEPS`, and what it said of itself."""

    curve: tuple[Metrics, ...]
    facts: dict[str, Any]
    seconds: float

    @property
    def last_step(self) -> int:
        return STEPS[len(self.curve) - 1] if self.curve else 0


@dataclass(frozen=True)
class History:
    """One run: lost attempts, then one that led to `state`; a queued run has none after them."""

    trial: int
    phase: Phase
    seed: int
    state: RunState
    attempts: tuple[Attempt, ...]

    @property
    def judged(self) -> bool:
        return self.state in VERDICTS

    def values(self, metric: str) -> list[float]:
        """The curve that counts; empty if the run is infeasible."""
        if self.state is not RunState.COMPLETED:
            return []
        return [metrics[metric] for metrics in self.attempts[-1].curve]


_eighths = st.integers(0, 8).map(lambda k: k / 8)  # few values, so that there are ties
_metrics = st.fixed_dictionaries(dict.fromkeys(METRICS, _eighths))
_facts = st.fixed_dictionaries(
    {},
    optional={
        "host": st.sampled_from(["a", "b"]),
        "device_kind": st.sampled_from(["cpu", "TPU v3"]),
        "jaxlib": st.sampled_from(["0.10.1", "0.11.0"]),
        "workload_fingerprint": st.sampled_from(["f", "g"]),
        "optimizer_state_bytes": st.integers(1, 4),
    },
)


def _attempts(evaluations: st.SearchStrategy[int]) -> st.SearchStrategy[Attempt]:
    curves = evaluations.flatmap(lambda n: st.tuples(*[_metrics] * n))
    return st.builds(Attempt, curves, _facts, st.integers(1, 9).map(float))


_partial = _attempts(st.integers(0, len(STEPS) - 1))
_whole = _attempts(st.just(len(STEPS)))


@st.composite
def _histories(draw: st.DrawFn, trial: int, phase: Phase, seed: int) -> History:
    lost = tuple(draw(st.lists(_partial, max_size=2)))
    likely = [RunState.COMPLETED] * 4 + [RunState.INFEASIBLE] * 2
    state = draw(st.sampled_from([*likely, RunState.FAILED, RunState.RUNNING, RunState.QUEUED]))
    if state is RunState.QUEUED:
        return History(trial, phase, seed, state, lost)
    last = draw(_whole if state is RunState.COMPLETED else _partial)
    return History(trial, phase, seed, state, (*lost, last))


@st.composite
def studies(draw: st.DrawFn) -> list[History]:
    """Three trials with a search run each, two finalists and a winner, some seeds each."""
    runs = [(trial, Phase.SEARCH, trial) for trial in range(3)]
    runs += [(trial, Phase.FINALISTS, 10 + k) for trial in (0, 2) for k in range(2)]
    runs += [(2, Phase.FINAL, 20 + k) for k in range(draw(st.integers(0, 7)))]
    return [draw(_histories(*run)) for run in runs]


def write(connection: Connection, study_id: int, histories: list[History]) -> None:
    """Write histories as a controller would."""
    trials = queries.trials_by_number(connection, study_id)
    for history in histories:
        if history.phase is not Phase.SEARCH:
            run = (trials[history.trial].id, history.seed)
            records.add_runs(connection, study_id, history.phase, [run])
    query = select(Run.id, Run.phase, Run.seed, Trial.number).join(Trial, Trial.id == Run.trial_id)
    rows = connection.execute(query.where(Run.study_id == study_id))
    run_ids = {(row.number, row.phase, row.seed): row.id for row in rows}
    for history in histories:
        _write_run(connection, run_ids[history.trial, history.phase, history.seed], history)


class Crowd:
    """A database that each example adds a study to, so that studies are seen to be kept apart."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._numbers = count()

    def add(self, histories: list[History], **changes: Any) -> Row[Any]:
        """Write a study with these histories; `changes` replace its columns."""
        name = f"g{next(self._numbers)}"
        study = new_study(name=f"{name}/shampoo", steps=STEPS[-1], eval_every=2, **changes)
        with self.database.write() as connection:
            group_id = records.create_group(connection, GROUP | {"name": name}, [study])
            (row,) = queries.studies_of(connection, group_id)
            write(connection, row.id, histories)
        return row


def _write_run(connection: Connection, run_id: int, history: History) -> None:
    queued = history.state is RunState.QUEUED
    for attempt in history.attempts if queued else history.attempts[:-1]:
        lost = _write_attempt(connection, run_id, attempt)
        finish_attempt(
            connection, lost, state=AttemptState.LOST, run_state=RunState.QUEUED, reason="killed"
        )
    if not queued:
        last = _write_attempt(connection, run_id, history.attempts[-1])
        _write_end(connection, last, history)


def _write_attempt(connection: Connection, run_id: int, attempt: Attempt) -> int:
    attempt_id = start_attempt(connection, run_id, attempt.facts)
    curve = zip(STEPS, attempt.curve, strict=False)
    add_measurements(connection, [(attempt_id, Measurement(*point)) for point in curve])
    return attempt_id


def _write_end(connection: Connection, attempt_id: int, history: History) -> None:
    if history.state is RunState.RUNNING:
        return
    seconds = history.attempts[-1].seconds
    finish_attempt(
        connection,
        attempt_id,
        state=AttemptState.COMPLETED if history.judged else AttemptState.FAILED,
        run_state=history.state,
        reason=None if history.state is RunState.COMPLETED else "a reason",
        timings={
            "seconds": seconds,
            "compile_seconds": seconds / 4,
            "evaluation_seconds": seconds / 8,
        }
        if history.judged
        else None,
    )
