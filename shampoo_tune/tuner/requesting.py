"""Pausing, cancelling and queueing a group, whether a controller owns it or nobody does."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.errors import ConditionNotMetError, GroupBusyError
from shampoo_tune.storage import lease, queries, records, requests
from shampoo_tune.storage.database import Database
from shampoo_tune.study import Action, GroupState
from shampoo_tune.tuner.author import author

_DONE = {Action.PAUSE: GroupState.PAUSED, Action.CANCEL: GroupState.CANCELLED}
_ENDED = (GroupState.COMPLETED, GroupState.CANCELLED)


def request(database: Database, group_name: str, action: Action) -> str:
    """Pause or cancel a group; returns a sentence on what happens.

    Where a controller owns the group it is asked, and reads that at its next heartbeat.

    Raises:
        NotFoundError: there is no such group.
        ConditionNotMetError: it is completed or cancelled.
    """
    done = _DONE[action]
    with database.write() as connection:
        group = queries.require_group(connection, group_name)
        if group.state in _ENDED:
            raise ConditionNotMetError(f"group {group.name!r} is {group.state} already")
        try:
            with _owned(connection, group.id):
                if action is Action.CANCEL:
                    records.cancel_runs(connection, group.id)
                records.set_group_state(connection, group.id, done)
        except GroupBusyError as busy:
            requests.add_request(connection, group.id, action, author())
            return f"asked its controller to {action} {group.name}: {_TOLD[action]} ({busy})"
    return f"{group.name} is {done}"


_TOLD = {
    Action.PAUSE: "no more runs begin, and it is paused once those that train have ended",
    Action.CANCEL: "it gives its runs up within seconds",
}


def requeue_group(connection: Connection, group: Row[Any]) -> None:
    """Queue a group that was paused or blocked; others stay what they are.

    Raises:
        ConditionNotMetError: it was cancelled.
        GroupBusyError: a controller is about to give it back.
    """
    if group.state == GroupState.CANCELLED:
        raise ConditionNotMetError(
            f"group {group.name!r} was cancelled; use --name to make another group"
        )
    if group.state in (GroupState.PAUSED, GroupState.BLOCKED):
        with _owned(connection, group.id):
            records.set_group_state(connection, group.id, GroupState.QUEUED)


@contextmanager
def _owned(connection: Connection, group_id: int) -> Iterator[None]:
    """The group's lease for the block, in the caller's transaction."""
    held = lease.acquire(connection, group_id)
    yield
    lease.release(connection, held)
