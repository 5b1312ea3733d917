"""The rows of a study as they are stored, for whoever checks them or takes them elsewhere."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, select, text

from shampoo_tune.storage.tables import (
    Attempt,
    ExecutionFacts,
    Run,
    RunMetric,
    SeedMedian,
    StudyMetric,
    Trial,
    TrialParameter,
)
from shampoo_tune.study import AttemptState, Phase, RunState

Curve = Mapping[str, Mapping[int, float]]  # metric -> step -> value
TIMINGS = ("seconds", "compile_seconds", "evaluation_seconds")
_ROWS_AT_ONCE = 10_000
_VERDICTS = (RunState.COMPLETED, RunState.INFEASIBLE)


@dataclass(frozen=True)
class StoredAttempt:
    """One try at a run; `facts` is the number of its execution facts."""

    attempt_id: int
    state: AttemptState
    reason: str | None
    facts: int
    timings: tuple[float | None, ...]  # in the order of TIMINGS


@dataclass(frozen=True)
class StoredRun:
    """A run with all its attempts, in their order."""

    run_id: int
    trial: int
    phase: Phase
    seed: int
    state: RunState
    reason: str | None
    attempts: tuple[StoredAttempt, ...]

    @property
    def judged(self) -> bool:
        """Whether it came to a verdict."""
        return self.state in _VERDICTS

    @property
    def last(self) -> StoredAttempt | None:
        """The attempt that gave the verdict, if there is one."""
        return self.attempts[-1] if self.judged and self.attempts else None

    @property
    def label(self) -> str:
        """As in `final trial 3 seed 200004`."""
        return f"{self.phase} trial {self.trial} seed {self.seed}"


def stored_runs(connection: Connection, study_id: int) -> list[StoredRun]:
    """The runs of a study in the order that they were queued."""
    attempts = _attempts(connection, study_id)
    query = (
        select(Run.id, Trial.number, Run.phase, Run.seed, Run.state, Run.reason)
        .join(Trial, Trial.id == Run.trial_id)
        .where(Run.study_id == study_id)
        .order_by(Run.id)
    )
    return [
        StoredRun(run, trial, Phase(phase), seed, RunState(state), reason, attempts.get(run, ()))
        for run, trial, phase, seed, state, reason in connection.execute(query)
    ]


def _attempts(connection: Connection, study_id: int) -> dict[int, tuple[StoredAttempt, ...]]:
    timings = [getattr(Attempt, name) for name in TIMINGS]
    query = (
        select(Attempt.run_id, Attempt.id, Attempt.state, Attempt.reason, Attempt.facts_id)
        .add_columns(*timings)
        .join(Run, Run.id == Attempt.run_id)
        .where(Run.study_id == study_id)
        .order_by(Attempt.run_id, Attempt.number)
    )
    return {
        run: tuple(
            StoredAttempt(key, AttemptState(state), reason, facts, tuple(seconds))
            for _, key, state, reason, facts, *seconds in rows
        )
        for run, rows in groupby(connection.execute(query), key=itemgetter(0))
    }


def stored_curves(connection: Connection, study_id: int) -> Iterator[tuple[int, Curve]]:
    """What each attempt of a study measured, an attempt's id at a time; those of nothing are not.

    Steps rise.
    """
    parts = connection.execute(text(_CURVES), {"study": study_id}).partitions(_ROWS_AT_ONCE)
    for attempt_id, measured in groupby(chain.from_iterable(parts), key=itemgetter(0)):
        curve: dict[str, dict[int, float]] = {}
        for _, metric, step, value in measured:
            curve.setdefault(metric, {})[step] = value
        yield attempt_id, curve


def stored_points(connection: Connection, study_id: int) -> list[tuple[int, Any, Any]]:
    """Number, point and configuration of every trial, in the order of their numbers."""
    query = select(Trial.number, Trial.point, Trial.configuration)
    rows = connection.execute(query.where(Trial.study_id == study_id).order_by(Trial.number))
    return [(number, point, configuration) for number, point, configuration in rows]


def stored_parameters(
    connection: Connection, study_id: int
) -> dict[int, dict[str, tuple[float | None, str]]]:
    """Trial -> name -> value as a number and as a text, of the table that the views read."""
    query = select(
        Trial.number, TrialParameter.name, TrialParameter.value_number, TrialParameter.value_text
    ).join(Trial, Trial.id == TrialParameter.trial_id)
    stored: dict[int, dict[str, tuple[float | None, str]]] = {}
    for trial, name, number, words in connection.execute(query.where(Trial.study_id == study_id)):
        stored.setdefault(trial, {})[name] = (number, words)
    return stored


def stored_metrics(connection: Connection, study_id: int) -> dict[str, str]:
    """Metric -> goal, in the order that they were announced."""
    query = select(StudyMetric.metric, StudyMetric.goal).where(StudyMetric.study_id == study_id)
    return {row.metric: row.goal for row in connection.execute(query.order_by(StudyMetric.id))}


RUN_VALUES = ("final_value", "best_value", "best_step", "steps_to_target")


def stored_run_values(
    connection: Connection, study_id: int
) -> dict[tuple[int, str], dict[str, Any]]:
    """(run, metric) -> RUN_VALUES, what completed runs are said to have come to."""
    columns = [getattr(RunMetric, name) for name in RUN_VALUES]
    query = (
        select(RunMetric.run_id, StudyMetric.metric, *columns)
        .join(StudyMetric, StudyMetric.id == RunMetric.metric_id)
        .where(StudyMetric.study_id == study_id)
    )
    return {
        (run, metric): dict(zip(RUN_VALUES, values, strict=True))
        for run, metric, *values in connection.execute(query)
    }


MEDIAN_VALUES = (
    "seeds", "infeasible", "reached", "median", "ci_low", "ci_high", "median_steps_to_target",
)  # fmt: skip


def stored_medians(
    connection: Connection, study_id: int
) -> dict[tuple[int, Phase, str], dict[str, Any]]:
    """(trial, phase, metric) -> MEDIAN_VALUES, the medians over seeds that tables show."""
    columns = [getattr(SeedMedian, name) for name in MEDIAN_VALUES]
    query = (
        select(Trial.number, SeedMedian.phase, StudyMetric.metric, *columns)
        .join(Trial, Trial.id == SeedMedian.trial_id)
        .join(StudyMetric, StudyMetric.id == SeedMedian.metric_id)
        .where(Trial.study_id == study_id)
    )
    return {
        (trial, Phase(phase), metric): dict(zip(MEDIAN_VALUES, values, strict=True))
        for trial, phase, metric, *values in connection.execute(query)
    }


def stored_facts(
    connection: Connection, numbers: Iterable[int]
) -> dict[int, tuple[str, dict[str, Any]]]:
    """Number -> digest and content of execution facts."""
    query = select(ExecutionFacts.id, ExecutionFacts.digest, ExecutionFacts.facts)
    rows = connection.execute(query.where(ExecutionFacts.id.in_(sorted(set(numbers)))))
    return {number: (digest, facts) for number, digest, facts in rows}


_CURVES = """
select a.id, n.metric, m.step, m.value
from runs r
join attempts a on a.run_id = r.id
join measurements m on m.attempt_id = a.id
join study_metrics n on n.id = m.metric_id and n.study_id = r.study_id
where r.study_id = :study
order by a.id, m.metric_id, m.step
"""
