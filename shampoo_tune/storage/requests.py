"""Requests to the controller of a group: anybody may add one, its owner reads them.

Rows are only added, each in one short transaction that no lease is needed for.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from shampoo_tune.storage.inserting import insert_row
from shampoo_tune.storage.tables import Request
from shampoo_tune.study import Action


@dataclass(frozen=True)
class Requested:
    """A request as it was stored; later ones have greater numbers."""

    number: int
    action: Action
    author: str
    requested_at: datetime


def add_request(connection: Connection, group_id: int, action: Action, author: str) -> None:
    """Ask a group's controller for something.

    Args:
        connection: a write transaction.
        group_id: the group.
        action: what is asked for.
        author: who asks, as `user@host`.
    """
    insert_row(connection, Request, group_id=group_id, action=action, author=author)


def requests_after(connection: Connection, group_id: int, number: int) -> list[Requested]:
    """What was asked of a group since request `number` (0: from the beginning), oldest first."""
    query = (
        select(Request.id, Request.action, Request.author, Request.requested_at)
        .where(Request.group_id == group_id, Request.id > number)
        .order_by(Request.id)
    )
    return [Requested(row.id, Action(row.action), row.author, row.requested_at)
            for row in connection.execute(query)]  # fmt: skip


def newest_request(connection: Connection, group_id: int, until: datetime | None = None) -> int:
    """The number of the newest request to a group, or of the newest until then; 0 for none."""
    query = select(func.max(Request.id)).where(Request.group_id == group_id)
    if until is not None:
        query = query.where(Request.requested_at <= until)
    return connection.scalar(query) or 0
