"""V15, what is running: progress, throughput, time left, and controllers that are not heard of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from shampoo_tune.storage import queries
from shampoo_tune.storage.progress import (
    Controller,
    TrainingRun,
    controllers,
    groups_that_go_on,
    runs_in_training,
    verdicts_since,
)
from shampoo_tune.storage.tables import now
from shampoo_tune.study import GroupState
from shampoo_tune.tuner.report.study_list import StudyLine

_WINDOW = timedelta(hours=1)


@dataclass(frozen=True)
class RunningGroup:
    """A group that has not ended.

    Attributes:
        group: its name.
        state: stored with it.
        created_at: when it was made.
        studies: the lines of its studies.
        runs_done: runs with a verdict, over all studies.
        runs_total: runs that the budget allows.
        failed: runs that must be repeated.
        per_hour: verdicts of attempts that were begun in the last hour, or since the group was
            made if that is later, an hour; None if there are none.
        seconds_left: at that rate; None if it is unknown or nobody trains the group.
        training: the runs that are being trained.
        controller: who trains it, or None.
    """

    group: str
    state: str
    created_at: datetime
    studies: tuple[StudyLine, ...]
    runs_done: int
    runs_total: int
    failed: int
    per_hour: float | None
    seconds_left: float | None
    training: tuple[TrainingRun, ...]
    controller: Controller | None


def running_groups(connection: Connection, lines: Sequence[StudyLine]) -> list[RunningGroup]:
    """Groups that are queued, running, paused or blocked, the newest first.

    Args:
        connection: any transaction.
        lines: of all studies.
    """
    owners, present = {owner.group: owner for owner in controllers(connection)}, now()
    found = []
    for group in groups_that_go_on(connection):
        own = tuple(line for line in lines if line.group == group.name)
        ids = [study.id for study in queries.studies_of(connection, group.id)]
        since = max(present - _WINDOW, group.created_at)
        hours = max((present - since).total_seconds(), 1.0) / 3600
        verdicts = verdicts_since(connection, ids, since)
        done, total = sum(line.runs_done for line in own), sum(line.runs_total for line in own)
        rate = verdicts / hours if verdicts else None
        owner = owners.get(group.name)
        goes = group.state == GroupState.RUNNING and owner is not None and not owner.stale
        found.append(
            RunningGroup(
                group=group.name,
                state=group.state,
                created_at=group.created_at,
                studies=own,
                runs_done=done,
                runs_total=total,
                failed=sum(line.failed for line in own),
                per_hour=rate,
                seconds_left=3600 * (total - done) / rate if rate and goes else None,
                training=tuple(runs_in_training(connection, ids)),
                controller=owner,
            )
        )
    return found
