"""Stores runs that were trained elsewhere: all of a file or none, under the group's lease.

What follows is what a controller would do: a phase whose runs all have their verdict is followed by
the next, so that `design` shows its runs.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.errors import ConditionNotMetError
from shampoo_tune.storage import lease, queries, records
from shampoo_tune.storage.attempts import finish_attempt, start_attempt
from shampoo_tune.storage.database import Database
from shampoo_tune.storage.measurements import add_measurements
from shampoo_tune.storage.run_rows import RunRow, measured_of, runs_of
from shampoo_tune.study import AttemptState, GroupState, RunState
from shampoo_tune.tuner.phases import advance
from shampoo_tune.tuner.recording.record_file import RecordFile, read_record_file
from shampoo_tune.tuner.recording.run_record import Broken, Budgeted, RunRecord

FACTS = {"recorded_from_outside": True}  # what is known of the machines: nothing
_VERDICTS = (RunState.COMPLETED, RunState.INFEASIBLE)
_UNFINISHED = (RunState.QUEUED, RunState.RUNNING, RunState.FAILED)


@dataclass(frozen=True)
class Recorded:
    """What `record` did.

    Attributes:
        study: the study's name.
        new: runs that were stored.
        known: runs that were stored before, and say the same.
        queued: runs of the study that wait now.
        state: of the group.
    """

    study: str
    new: int
    known: int
    queued: int
    state: GroupState


def record(database: Database, study_name: str, path: Path) -> Recorded:
    """Store the runs of a file.

    Raises:
        NotFoundError: there is no such study.
        InvalidInputError: something is wrong in the file; nothing was stored.
        ConditionNotMetError: the group was cancelled.
        GroupBusyError: a living controller owns the group.
    """
    with database.write() as connection:
        study = queries.require_study(connection, study_name)
        file = read_record_file(path, Budgeted(study.name, study.metric, study.steps))
        held = lease.acquire(connection, study.group_id)
        group = queries.require_group(connection, study.name.split("/", 1)[0])
        if group.state == GroupState.CANCELLED:
            raise ConditionNotMetError(f"group {group.name!r} was cancelled: it takes no more runs")
        records.requeue(connection, group.id, [RunState.RUNNING])  # of a controller that died
        new = _new_records(connection, study, file)
        file.raise_errors()
        _store(connection, new)
        advance(connection, group, study, workers=1)
        state = _settle(connection, group)
        lease.release(connection, held)
        counts = queries.run_counts(connection, study.id)
    queued = sum(n for (_, state), n in counts.items() if state is RunState.QUEUED)
    return Recorded(study.name, len(new), len(file.records) - len(new), queued, state)


def _new_records(
    connection: Connection, study: Row[Any], file: RecordFile
) -> list[tuple[int, RunRecord]]:
    """The records that are not stored yet, with the ids of their runs; adds errors to the file."""
    runs = runs_of(connection, study.id)
    new = []
    for line, told in file.records.items():
        run = runs.get(told.key)
        if run is None:
            trial, phase, seed = told.key
            rule = f"{study.name} has no {phase} run of trial {trial} with seed {seed}"
            file.add_error(line, Broken("", rule, f"`shampoo-tune design {study.name}` lists them"))
        elif run.state not in _VERDICTS:
            new.append((run.run_id, told))
        elif not _is_known(connection, run, told):
            rule = "this run is stored already, with other results"
            file.add_error(line, Broken("", rule, "what is stored is never replaced"))
    return new


def _is_known(connection: Connection, run: RunRow, told: RunRecord) -> bool:
    return told.same_as(run.state, run.reason, tuple(measured_of(connection, run.run_id)))


def _store(connection: Connection, new: list[tuple[int, RunRecord]]) -> None:
    attempts = [(start_attempt(connection, run_id, FACTS), told) for run_id, told in new]
    measured = [(attempt, m) for attempt, told in attempts for m in told.measurements]
    add_measurements(connection, measured)
    for attempt, told in attempts:
        finish_attempt(
            connection,
            attempt,
            state=AttemptState.COMPLETED,
            run_state=told.state,
            reason=told.reason,
        )


def _settle(connection: Connection, group: Row[Any]) -> GroupState:
    """The group's state by what its runs are now; a paused one stays so until it is completed."""
    counts = [
        queries.run_counts(connection, s.id) for s in queries.studies_of(connection, group.id)
    ]
    left = {state for count in counts for _, state in count if state in _UNFINISHED}
    state = GroupState(group.state)
    if not left:
        state = GroupState.COMPLETED
    elif state is GroupState.RUNNING or (
        state is GroupState.BLOCKED and RunState.FAILED not in left
    ):
        state = GroupState.QUEUED
    if state != group.state:
        records.set_group_state(connection, group.id, state)
    return state
