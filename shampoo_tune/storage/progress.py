"""How far studies are, without reading what they measured: for lists, and to notice changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, func, select

from shampoo_tune.storage.lease import EXPIRY_SECONDS
from shampoo_tune.storage.tables import Attempt, Group, Lease, Run, Study, Trial, now
from shampoo_tune.study import AttemptState, GroupState, RunState

Revision = tuple[tuple[str, int], ...]  # how many runs are in which state
_STUDIES = select(Study.__table__, Group.state.label("group_state"), Group.created_at).join(
    Group, Group.id == Study.group_id
)


@dataclass(frozen=True)
class Controller:
    """Who trains a group.

    Attributes:
        group: its name.
        host: of the machine.
        pid: of the process.
        heartbeat_at: when it was last heard of.
        stale: whether that is so long ago that another may take the group over.
    """

    group: str
    host: str
    pid: int
    heartbeat_at: datetime
    stale: bool


@dataclass(frozen=True)
class TrainingRun:
    """A run that is being trained."""

    study: str
    trial: int
    phase: str
    seed: int
    started_at: datetime


def all_studies(connection: Connection) -> Sequence[Row[Any]]:
    """All studies with the state and the time of their group, the newest group first."""
    return connection.execute(_STUDIES.order_by(Group.id.desc(), Study.id)).all()


def one_study(connection: Connection, study_id: int) -> Row[Any]:
    """The row of `all_studies` of one of them."""
    return connection.execute(_STUDIES.where(Study.id == study_id)).one()


def revisions(connection: Connection, study_id: int | None = None) -> dict[int, Revision]:
    """How many runs of each study are in which state; it changes with every verdict."""
    query = select(Run.study_id, Run.state, func.count()).group_by(Run.study_id, Run.state)
    if study_id is not None:
        query = query.where(Run.study_id == study_id)
    counts: dict[int, list[tuple[str, int]]] = {}
    for study, state, count in connection.execute(query):
        counts.setdefault(study, []).append((state, count))
    return {study: tuple(sorted(pairs)) for study, pairs in counts.items()}


def newest_study(connection: Connection) -> str | None:
    """The name of the first study of the newest group; None if there is none."""
    query = select(Study.name).order_by(Study.group_id.desc(), Study.id).limit(1)
    return connection.scalar(query)


def controllers(connection: Connection) -> list[Controller]:
    """The owners of all groups that have one."""
    query = select(Lease.__table__, Group.name).join(Group, Group.id == Lease.group_id)
    oldest = now() - timedelta(seconds=EXPIRY_SECONDS)
    return [
        Controller(row.name, row.host, row.pid, row.heartbeat_at, row.heartbeat_at < oldest)
        for row in connection.execute(query.order_by(Group.id))
    ]


def groups_that_go_on(connection: Connection) -> Sequence[Row[Any]]:
    """Groups that are queued, running, paused or blocked, the newest first."""
    ended = (GroupState.COMPLETED, GroupState.CANCELLED)
    query = select(Group.__table__).where(Group.state.not_in(ended)).order_by(Group.id.desc())
    return connection.execute(query).all()


def verdicts_since(connection: Connection, study_ids: Sequence[int], since: datetime) -> int:
    """Attempts of these studies that were begun after a moment and came to a verdict."""
    query = (
        select(func.count())
        .select_from(Attempt)
        .join(Run, Run.id == Attempt.run_id)
        .where(Run.study_id.in_(study_ids), Attempt.started_at >= since)
        .where(Attempt.state == AttemptState.COMPLETED)
    )
    return connection.scalar(query) or 0


def runs_in_training(connection: Connection, study_ids: Sequence[int]) -> list[TrainingRun]:
    """The runs of these studies that are being trained, the longest first."""
    query = (
        select(Study.name.label("study"), Trial.number.label("trial"), Run.phase, Run.seed,
               Attempt.started_at)
        .join(Run, Run.id == Attempt.run_id)
        .join(Trial, Trial.id == Run.trial_id)
        .join(Study, Study.id == Run.study_id)
        .where(Run.study_id.in_(study_ids), Run.state == RunState.RUNNING)
        .where(Attempt.state == AttemptState.RUNNING)
        .order_by(Attempt.started_at)
    )  # fmt: skip
    return [TrainingRun(*row) for row in connection.execute(query)]
