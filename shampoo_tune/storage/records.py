"""What the controller writes of groups, trials and runs (of attempts, see `attempts.py`).

Every function is one part of the caller's transaction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from shampoo_tune.storage.inserting import insert_row, insert_rows
from shampoo_tune.storage.measurements import goal_of_name
from shampoo_tune.storage.run_metrics import delete_run_metrics
from shampoo_tune.storage.seed_medians import (
    ensure_median_ranks,
    seeds_beside,
    write_seed_medians,
)
from shampoo_tune.storage.tables import (
    Attempt,
    Group,
    Run,
    Study,
    StudyMetric,
    Trial,
    TrialParameter,
    now,
)
from shampoo_tune.study import AttemptState, GroupState, Phase, RunState, run_seed

_NAMES = 7264  # any number: PostgreSQL's advisory locks of this program's group names


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


def reserve_name(connection: Connection, name: str) -> None:
    """Wait for whoever is creating a group of this name; others wait until the transaction ends.

    On SQLite the write transaction itself is that reservation.
    """
    if connection.dialect.name == "postgresql":
        key = func.pg_advisory_xact_lock(_NAMES, func.hashtext(name))
        connection.execute(select(key))


def create_group(
    connection: Connection, group: Mapping[str, Any], studies: Iterable[NewStudy]
) -> int:
    """Write a queued group, its studies, all trials and their search runs; returns its id."""
    group_id = insert_row(connection, Group, state=GroupState.QUEUED, created_at=now(), **group)
    for study in studies:
        _create_study(connection, group_id, study)
    return group_id


def _create_study(connection: Connection, group_id: int, study: NewStudy) -> None:
    study_id = insert_row(connection, Study, group_id=group_id, **study.columns)
    goals = metric_goals(study.columns, study.metrics)
    metrics = [{"study_id": study_id, "metric": m, "goal": goal} for m, goal in goals.items()]
    connection.execute(insert(StudyMetric), metrics)
    add_trials(connection, study_id, study.columns["replicate"], study.trials)
    ensure_median_ranks(connection, max(study.columns["finalist_seeds"], study.columns["seeds"]))


def add_trials(
    connection: Connection, study_id: int, replicate: int, trials: Sequence[NewTrial]
) -> None:
    """Write trials of a study, each with its queued search run."""
    ids = write_trials(connection, study_id, trials)
    seeds = [run_seed(replicate, Phase.SEARCH, trial.number) for trial in trials]
    add_runs(connection, study_id, Phase.SEARCH, list(zip(ids, seeds, strict=True)))


def write_trials(
    connection: Connection, study_id: int, trials: Sequence[NewTrial]
) -> Sequence[int]:
    """Write trials without any run; returns their ids."""
    rows = [
        {
            "study_id": study_id,
            "number": trial.number,
            "point": dict(trial.point),
            "configuration": dict(trial.configuration),
        }
        for trial in trials
    ]
    query = insert(Trial).returning(Trial.id, sort_by_parameter_order=True)
    ids = connection.scalars(query, rows).all() if rows else []
    parameters = chain.from_iterable(
        parameter_rows(trial_id, trial.point) for trial_id, trial in zip(ids, trials, strict=True)
    )
    columns = ("trial_id", "name", "value_number", "value_text")
    insert_rows(connection, TrialParameter.__tablename__, columns, parameters)
    return ids


def metric_goals(columns: Mapping[str, Any], metrics: Iterable[str]) -> dict[str, str]:
    """The file tells the direction of the metric that it names; the others' names tell theirs."""
    return {
        metric: str(columns["goal"] if metric == columns["metric"] else goal_of_name(metric))
        for metric in metrics
    }


def parameter_rows(trial_id: int, point: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Trial id, name, value as a number if it is one, value as a text; by name."""
    for name, value in sorted(point.items()):
        number = None if isinstance(value, (bool, str)) else float(value)
        yield trial_id, name, number, value if isinstance(value, str) else repr(value)


def add_runs(
    connection: Connection, study_id: int, phase: Phase, runs: Sequence[tuple[int, int]]
) -> None:
    """Queue runs of one phase, given as (trial id, seed), in the order they shall be dispatched."""
    columns = ("study_id", "trial_id", "phase", "seed", "state")
    rows = ((study_id, trial, phase.value, seed, RunState.QUEUED.value) for trial, seed in runs)
    insert_rows(connection, Run.__tablename__, columns, rows)


def requeue(connection: Connection, group_id: int, states: Sequence[RunState]) -> None:
    """Queue the group's runs in these states again; attempts still running are lost."""
    of_group = _runs_of(group_id)
    _lose_attempts(connection, group_id, "the controller ended")
    again = select(Run.id).where(of_group, Run.state.in_(states))
    affected = seeds_beside(connection, again)
    delete_run_metrics(connection, again)
    connection.execute(
        update(Run)
        .where(of_group, Run.state.in_(states))
        .values(state=RunState.QUEUED, reason=None)
    )
    for trial_id, phase in affected:
        write_seed_medians(connection, trial_id, phase)


def cancel_runs(connection: Connection, group_id: int) -> None:
    """Every run of the group without a verdict gets none; attempts still running are lost."""
    _lose_attempts(connection, group_id, "the group was cancelled")
    pending = Run.state.in_([RunState.QUEUED, RunState.RUNNING, RunState.FAILED])
    connection.execute(
        update(Run).where(_runs_of(group_id), pending).values(state=RunState.CANCELLED)
    )


def _runs_of(group_id: int) -> ColumnElement[bool]:
    return Run.study_id.in_(select(Study.id).where(Study.group_id == group_id))


def _lose_attempts(connection: Connection, group_id: int, reason: str) -> None:
    connection.execute(
        update(Attempt)
        .where(Attempt.state == AttemptState.RUNNING)
        .where(Attempt.run_id.in_(select(Run.id).where(_runs_of(group_id))))
        .values(state=AttemptState.LOST, reason=reason)
    )


def set_provenance(connection: Connection, group_id: int, provenance: Mapping[str, Any]) -> None:
    """Replace what is told of how a group was made."""
    values = {"provenance": dict(provenance)}
    connection.execute(update(Group).where(Group.id == group_id).values(values))


def set_group_state(connection: Connection, group_id: int, state: GroupState) -> None:
    """Record the group's state, and the time if it is an end."""
    ended = state in (GroupState.COMPLETED, GroupState.CANCELLED)
    values = {"state": state, "finished_at": now() if ended else None}
    connection.execute(update(Group).where(Group.id == group_id).values(values))
