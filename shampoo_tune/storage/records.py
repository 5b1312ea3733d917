"""What the controller writes. Every function is one part of the caller's transaction."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from shampoo_tune.storage.median_ranks import low_rank
from shampoo_tune.storage.run_metrics import delete_run_metrics, write_run_metrics
from shampoo_tune.storage.tables import (
    Attempt,
    Group,
    MeasurementRow,
    MedianRank,
    Run,
    Study,
    StudyMetric,
    Trial,
    TrialParameter,
    now,
)
from shampoo_tune.study import (
    AttemptState,
    Goal,
    GroupState,
    Measurement,
    Phase,
    RunState,
    run_seed,
)


@dataclass(frozen=True)
class NewTrial:
    """A point of the design and the configuration that will train."""

    number: int
    point: Mapping[str, Any]
    configuration: Mapping[str, Any]


@dataclass(frozen=True)
class NewStudy:
    """A study with all points that are drawn ahead; `columns` are those of the table."""

    columns: Mapping[str, Any]
    metrics: tuple[str, ...]
    trials: Sequence[NewTrial]


def create_group(
    connection: Connection, group: Mapping[str, Any], studies: Iterable[NewStudy]
) -> int:
    """Write a queued group, its studies, all trials and their search runs; returns its id."""
    group_id = _insert(connection, Group, state=GroupState.QUEUED, created_at=now(), **group)
    for study in studies:
        _create_study(connection, group_id, study)
    return group_id


def _create_study(connection: Connection, group_id: int, study: NewStudy) -> None:
    study_id = _insert(connection, Study, group_id=group_id, **study.columns)
    connection.execute(
        insert(StudyMetric),
        [
            {"study_id": study_id, "metric": name, "goal": _metric_goal(study, name)}
            for name in study.metrics
        ],
    )
    add_trials(connection, study_id, study.columns["replicate"], study.trials)
    for n in {1, study.columns["finalist_seeds"], study.columns["seeds"]}:
        ensure_median_rank(connection, n)


def add_trials(
    connection: Connection, study_id: int, replicate: int, trials: Sequence[NewTrial]
) -> None:
    """Write trials of a study, each with its queued search run."""
    runs = []
    for trial in trials:
        trial_id = _insert(
            connection,
            Trial,
            study_id=study_id,
            number=trial.number,
            point=dict(trial.point),
            configuration=dict(trial.configuration),
        )
        connection.execute(insert(TrialParameter), _parameter_rows(trial_id, trial.point))
        runs.append((trial_id, run_seed(replicate, Phase.SEARCH, trial.number)))
    add_runs(connection, study_id, Phase.SEARCH, runs)


def _metric_goal(study: NewStudy, metric: str) -> str:
    """The file tells the direction of the metric that it names; the others' names tell theirs."""
    if metric == study.columns["metric"]:
        return str(study.columns["goal"])
    return Goal.MAXIMIZE if metric.endswith("accuracy") else Goal.MINIMIZE


def _parameter_rows(trial_id: int, point: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "trial_id": trial_id,
            "name": name,
            "value_number": None if isinstance(value, (bool, str)) else value,
            "value_text": value if isinstance(value, str) else repr(value),
        }
        for name, value in point.items()
    ]


def ensure_median_rank(connection: Connection, n: int) -> None:
    """Store the interval's rank for medians of n values, if it is not there yet."""
    if connection.scalar(select(func.count()).where(MedianRank.n == n)) == 0:
        connection.execute(insert(MedianRank).values(n=n, low_rank=low_rank(n)))


def add_runs(
    connection: Connection, study_id: int, phase: Phase, runs: Sequence[tuple[int, int]]
) -> None:
    """Queue runs of one phase, given as (trial id, seed), in the order they shall be dispatched."""
    rows = [
        {
            "study_id": study_id,
            "trial_id": trial_id,
            "phase": phase,
            "seed": seed,
            "state": RunState.QUEUED,
        }
        for trial_id, seed in runs
    ]
    connection.execute(insert(Run), rows)


def start_attempt(connection: Connection, run_id: int, facts: Mapping[str, Any]) -> int:
    """Record that a machine begins to train a run; returns the attempt's id."""
    earlier = select(func.count()).select_from(Attempt).where(Attempt.run_id == run_id)
    delete_run_metrics(connection, [run_id])
    connection.execute(update(Run).where(Run.id == run_id).values(state=RunState.RUNNING))
    return _insert(
        connection,
        Attempt,
        run_id=run_id,
        number=(connection.scalar(earlier) or 0) + 1,
        state=AttemptState.RUNNING,
        facts=dict(facts),
        started_at=now(),
    )


def add_measurement(connection: Connection, attempt_id: int, measurement: Measurement) -> None:
    """Store the metrics of one step; raises ValueError unless all values are finite."""
    if not all(map(math.isfinite, measurement.metrics.values())):
        raise ValueError(f"only finite values are stored, got {measurement}")
    rows = [
        {"attempt_id": attempt_id, "step": measurement.step, "metric": metric, "value": value}
        for metric, value in measurement.metrics.items()
    ]
    connection.execute(insert(MeasurementRow), rows)


def finish_attempt(
    connection: Connection,
    attempt_id: int,
    *,
    state: AttemptState,
    run_state: RunState,
    reason: str | None = None,
    timings: Mapping[str, float] | None = None,
) -> None:
    """Record how an attempt ended and what that makes of its run.

    Args:
        connection: the transaction.
        attempt_id: the attempt.
        state: COMPLETED, FAILED or LOST; an infeasible run's attempt did complete.
        run_state: the run's new state.
        reason: why it is infeasible, failed or lost.
        timings: columns `seconds`, `compile_seconds`, `evaluation_seconds`.
    """
    run_id = connection.execute(select(Attempt.run_id).filter_by(id=attempt_id)).scalar_one()
    connection.execute(
        update(Attempt)
        .where(Attempt.id == attempt_id)
        .values(state=state, reason=reason, **(timings or {}))
    )
    verdict = run_state in (RunState.INFEASIBLE, RunState.FAILED)
    connection.execute(
        update(Run)
        .where(Run.id == run_id)
        .values(state=run_state, reason=reason if verdict else None)
    )
    write_run_metrics(connection, run_id)


def requeue(connection: Connection, group_id: int, states: Sequence[RunState]) -> None:
    """Queue the group's runs in these states again; attempts still running are lost."""
    of_group = Run.study_id.in_(select(Study.id).where(Study.group_id == group_id))
    connection.execute(
        update(Attempt)
        .where(Attempt.state == AttemptState.RUNNING)
        .where(Attempt.run_id.in_(select(Run.id).where(of_group)))
        .values(state=AttemptState.LOST, reason="the controller ended")
    )
    again = select(Run.id).where(of_group, Run.state.in_(states))
    delete_run_metrics(connection, again)
    connection.execute(
        update(Run)
        .where(of_group, Run.state.in_(states))
        .values(state=RunState.QUEUED, reason=None)
    )


def set_group_state(connection: Connection, group_id: int, state: GroupState) -> None:
    """Record the group's state, and the time if it is an end."""
    ended = state in (GroupState.COMPLETED, GroupState.CANCELLED)
    values = {"state": state, "finished_at": now() if ended else None}
    connection.execute(update(Group).where(Group.id == group_id).values(values))


def _insert(connection: Connection, table: Any, **values: Any) -> int:
    key = connection.execute(insert(table).values(**values)).inserted_primary_key
    if key is None:
        raise AssertionError("an insert of one row has a key")
    return int(key[0])
