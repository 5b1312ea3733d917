"""Follows a group from outside: what is known of it, whenever that changes, until it ends."""

import time
from collections.abc import Iterator
from dataclasses import replace

from shampoo_tune.storage import queries
from shampoo_tune.storage.database import Reader
from shampoo_tune.study import GroupState
from shampoo_tune.tuner.summary import GroupSummary, summarize

_GOES_ON = (GroupState.QUEUED, GroupState.RUNNING)


def changes(database: Reader, group_name: str, seconds: float) -> Iterator[GroupSummary]:
    """The group now, and again when it changed, up to its end, a pause or a block.

    Args:
        database: of the group.
        group_name: the group.
        seconds: how long to wait between two looks.

    Raises:
        NotFoundError: there is no such group.
    """
    known = None
    while True:
        with database.read() as connection:
            summary = summarize(connection, queries.require_group(connection, group_name))
        if (told := replace(summary, costs={})) != known:
            known = told
            yield summary
        if summary.state not in _GOES_ON:
            return
        time.sleep(seconds)
