"""Ownership of a group: one controller at a time writes its rows.

A lease names the owner's host, boot, process number and process start time. On the same machine
these tell for certain whether the owner lives; on another machine only its heartbeat does.
"""

import socket
import uuid
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

import psutil
from sqlalchemy import Connection, Row, delete, insert, select, update

from shampoo_tune.errors import GroupBusyError
from shampoo_tune.storage.tables import Lease, now

HEARTBEAT_SECONDS = 5.0
EXPIRY_SECONDS = 30.0


@dataclass(frozen=True)
class Held:
    """A lease that this process holds."""

    group_id: int
    token: str


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
    row = connection.execute(select(Lease.__table__).where(Lease.group_id == group_id)).first()
    if row is not None:
        _refuse_living_owner(row)
        connection.execute(delete(Lease).where(Lease.group_id == group_id))
    held = Held(group_id, uuid.uuid4().hex)
    process = psutil.Process()
    connection.execute(
        insert(Lease).values(
            group_id=group_id,
            token=held.token,
            host=socket.gethostname(),
            boot=_boot_id(),
            pid=process.pid,
            process_started=process.create_time(),
            heartbeat_at=now(),
        )
    )
    return held


def heartbeat(connection: Connection, held: Held) -> None:
    """Say that the owner lives.

    Raises:
        GroupBusyError: another controller has taken the group over.
    """
    mine = (Lease.group_id == held.group_id) & (Lease.token == held.token)
    if connection.execute(update(Lease).where(mine).values(heartbeat_at=now())).rowcount == 0:
        raise GroupBusyError("another controller has taken this group over; this one stops")


def release(connection: Connection, held: Held) -> None:
    """Give the lease back; does nothing if another controller holds it by now."""
    connection.execute(
        delete(Lease).where(Lease.group_id == held.group_id, Lease.token == held.token)
    )


def _refuse_living_owner(row: Row[tuple[object, ...]]) -> None:
    if row.host == socket.gethostname():
        if row.boot == _boot_id() and _is_running(row.pid, row.process_started):
            raise GroupBusyError(
                f"process {row.pid} on this machine is running this group; "
                "stop it first, or follow it with `shampoo-tune status`"
            )
        return
    left = (row.heartbeat_at + timedelta(seconds=EXPIRY_SECONDS) - now()).total_seconds()
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
