"""Who may own a group: a living owner is never displaced, a dead one at once."""

import subprocess
import sys
from datetime import timedelta
from typing import Any

import psutil
import pytest
from sqlalchemy import update

from shampoo_tune.errors import GroupBusyError
from shampoo_tune.storage import lease
from shampoo_tune.storage.lease import RemoteOwnerError
from shampoo_tune.storage.tables import Lease, now


def test_a_living_owner_is_never_displaced(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        lease.acquire(connection, 1)
        with pytest.raises(GroupBusyError, match="is running this group"):
            lease.acquire(connection, 1)


def test_a_dead_owner_is_displaced_at_once(make_filled: Any) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = psutil.Process(process.pid).create_time()
    with make_filled().database.write() as connection:
        lease.acquire(connection, 1)
        connection.execute(update(Lease).values(pid=process.pid, process_started=started))
        with pytest.raises(GroupBusyError):
            lease.acquire(connection, 1)
        process.kill()
        process.stdin.close()  # type: ignore[union-attr]
        while psutil.Process(process.pid).status() != psutil.STATUS_ZOMBIE:
            pass
        lease.acquire(connection, 1)  # dead, though nobody has waited for it yet
    process.wait()


def test_a_reused_process_number_is_not_the_owner(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        lease.acquire(connection, 1)
        connection.execute(update(Lease).values(process_started=1.0))
        lease.acquire(connection, 1)


def test_a_restarted_machine_has_no_owners(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        lease.acquire(connection, 1)
        connection.execute(update(Lease).values(boot="another boot"))
        lease.acquire(connection, 1)


def test_a_remote_owner_is_displaced_after_its_lease_expires(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        lease.acquire(connection, 1)
        connection.execute(update(Lease).values(host="elsewhere"))
        with pytest.raises(RemoteOwnerError) as busy:
            lease.acquire(connection, 1)
        assert 25 < busy.value.seconds <= lease.EXPIRY_SECONDS
        connection.execute(update(Lease).values(heartbeat_at=now() - timedelta(seconds=31)))
        lease.acquire(connection, 1)


def test_a_displaced_owner_learns_it_at_its_next_heartbeat(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        old = lease.acquire(connection, 1)
        connection.execute(update(Lease).values(boot="another boot"))
        new = lease.acquire(connection, 1)
        with pytest.raises(GroupBusyError, match="taken this group over"):
            lease.heartbeat(connection, old)
        lease.release(connection, old)  # does not free the new owner's lease
        lease.heartbeat(connection, new)
