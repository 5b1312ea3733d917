"""Ownership of a group: one controller at a time writes its rows.

A lease names the owner's host, boot, process number and process start time. On the same machine
these tell for certain whether the owner lives; on another machine only its heartbeat does, by the
clock of the database server.
"""

import socket
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from shampoo_tune.errors import GroupBusyError
from shampoo_tune.storage import requests
from shampoo_tune.storage.tables import Group, Lease, Request, now

HEARTBEAT_SECONDS = 5.0
EXPIRY_SECONDS = 30.0


# Built once: it is part of every transaction of a controller.
_BEAT = (
    update(Lease)
    .where(Lease.group_id == bindparam("group"), Lease.token == bindparam("held"))
    .values(heartbeat_at=bindparam("present"))
    .returning(
        select(func.max(Request.id)).where(Request.group_id == bindparam("group")).scalar_subquery()
    )
)


@dataclass(frozen=True)
class Held:
    """A lease that this process holds.

    Attributes:
        group_id: of the group.
        token: tells this holder from all others.
        heard: the newest request that a holder before has read; later ones are for this one.
    """

    group_id: int
    token: str
    heard: int


class RemoteOwnerError(GroupBusyError):
    """The owner is on another machine and may be gone; `seconds` until its lease expires."""

    def __init__(self, message: str, seconds: float) -> None:
        super().__init__(message)
        self.seconds = seconds


def acquire(connection: Connection, group_id: int) -> Held:
    """Take the lease of a group within a write transaction.

    Raises:
        GroupBusyError: its owner lives.
        RemoteOwnerError: its owner is on another machine and its heartbeat has not expired.
    """
    row, heard = _find(connection, group_id), None
    if row is not None:
        _refuse_living_owner(row, _present(connection))
        connection.execute(delete(Lease).where(Lease.group_id == group_id))
        heard = row.heartbeat_at  # what was asked of a dead owner later, it never read
    newest = requests.newest_request(connection, group_id, heard)
    held = Held(group_id, uuid.uuid4().hex, newest)
    process = psutil.Process()
    connection.execute(
        insert(Lease).values(
            group_id=group_id,
            token=held.token,
            host=socket.gethostname(),
            boot=_boot_id(),
            pid=process.pid,
            process_started=process.create_time(),
            heartbeat_at=_present(connection),
        )
    )
    return held


def heartbeat(connection: Connection, held: Held) -> int:
    """Say that the owner lives; returns the number of the newest request to it, 0 for none.

    Raises:
        GroupBusyError: another controller has taken the group over.
    """
    present = {"present": _present(connection)}
    row = connection.execute(_BEAT, {"group": held.group_id, "held": held.token, **present}).first()
    if row is None:
        raise GroupBusyError("another controller has taken this group over; this one stops")
    return row[0] or 0


def release(connection: Connection, held: Held) -> None:
    """Give the lease back; does nothing if another controller holds it by now."""
    connection.execute(
        delete(Lease).where(Lease.group_id == held.group_id, Lease.token == held.token)
    )


def require_no_owner(connection: Connection) -> None:
    """Raises GroupBusyError if a living controller owns any group."""
    for row in connection.execute(select(Lease.__table__)):
        _refuse_living_owner(row, _present(connection))


def _find(connection: Connection, group_id: int) -> Row[Any] | None:
    """The lease of a group, with nobody else in the middle of changing it.

    On PostgreSQL this waits for the owner's transaction, or, where there is no lease, for another
    that is about to take it. Locks are taken in the owner's order, lease before group, so that
    nobody waits in a circle.
    """
    query = select(Lease.__table__).where(Lease.group_id == group_id)
    row = connection.execute(query.with_for_update()).first()
    if row is None:
        connection.execute(select(Group.id).where(Group.id == group_id).with_for_update())
        row = connection.execute(query).first()
    return row


def _present(connection: Connection) -> datetime:
    """The time by one clock for all controllers: the server's, or this machine's for a file."""
    if connection.dialect.name == "sqlite":
        return now()
    present: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return present


def _refuse_living_owner(row: Row[Any], present: datetime) -> None:
    if row.host == socket.gethostname():
        if row.boot == _boot_id() and _is_running(row.pid, row.process_started):
            raise GroupBusyError(
                f"process {row.pid} on this machine is running this group; "
                "stop it first, or follow it with `shampoo-tune status`"
            )
        return
    left = (row.heartbeat_at + timedelta(seconds=EXPIRY_SECONDS) - present).total_seconds()
    if left > 0:
        message = f"a controller on {row.host} (process {row.pid}) runs this group"
        raise RemoteOwnerError(message, left)


def _is_running(pid: int, started: float) -> bool:
    try:
        process = psutil.Process(pid)
        # A zombie is dead, only its parent has not asked. A clock that is set moves start times.
        return (
            process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - started) < 2.0
        )
    except psutil.NoSuchProcess:
        return False


@cache
def _boot_id() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    return path.read_text().strip() if path.exists() else f"{psutil.boot_time():.0f}"
