"""The lease of a group around a controller: taken before, and handed back however that ends."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Row

from shampoo_tune.errors import GroupBusyError
from shampoo_tune.storage import lease, queries, records
from shampoo_tune.storage.database import Database
from shampoo_tune.storage.failures import StorageError
from shampoo_tune.study import GroupState, RunState
from shampoo_tune.tuner.controller import Controller, OnFinished
from shampoo_tune.tuner.dispatcher import Dispatcher
from shampoo_tune.tuner.programs.adopting import adopt
from shampoo_tune.tuner.programs.command import Command


@contextmanager
def owning(
    database: Database,
    group: Row[Any],
    dispatcher: Dispatcher,
    on_finished: OnFinished,
    should_stop: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
    command: Command | None = None,
) -> Iterator[Controller]:
    """A controller that holds the group's lease while the block runs.

    However the block ends, runs that are not finished are queued again and the lease is returned.

    Args:
        database: of the group.
        group: its row.
        dispatcher: where runs are trained.
        on_finished: called with each run that came to its verdict.
        should_stop: asked at least once a second; once true, the group is handed back.
        clock: seconds by which failed runs wait; the lease's heartbeats are always in real time.
        command: of the program that the dispatcher runs, if it does; stored with the group.

    Raises:
        InvalidInputError: the group is trained by another command.
        GroupBusyError: another living controller owns the group.
    """
    with database.write() as connection:
        held = lease.acquire(connection, group.id)
        adopt(connection, group, command)
    try:
        yield Controller(database, group, held, dispatcher, on_finished, should_stop, clock)
    except BaseException:
        # The database may be what failed. The first error is the one to show, and whoever owns the
        # group next queues its unfinished runs anyway.
        with suppress(StorageError):
            _hand_back(database, group.id, held)
        raise
    _hand_back(database, group.id, held)


def _hand_back(database: Database, group_id: int, held: lease.Held) -> None:
    with database.write() as connection:
        try:
            lease.heartbeat(connection, held)
        except GroupBusyError:
            return  # another controller owns the group by now: its rows are not ours to touch
        records.requeue(connection, group_id, [RunState.RUNNING])
        if queries.group_state(connection, group_id) == GroupState.RUNNING:
            records.set_group_state(connection, group_id, GroupState.QUEUED)
        lease.release(connection, held)
