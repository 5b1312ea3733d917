"""When the final seeds of a study are run: all at once, or on a ladder in looks.

A study of a ladder is looked at after 10, 20 and 50 of its final seeds. If by then so few have
reached the target that its median is below it, the other seeds are not run: see
`statistics/looks.py`. Nothing is ever stopped because it goes well.
"""

from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.storage import queries
from shampoo_tune.storage.queries import MedianRow
from shampoo_tune.tuner.statistics.looks import spending


def looks_of(connection: Connection, study: Row[Any]) -> tuple[int, ...]:
    """The numbers of final seeds at which a study is looked at, as its group declares them."""
    ladder = queries.group_provenance(connection, study.group_id).get("ladder")
    return tuple(ladder["looks"]) if ladder else (study.seeds,)


def stopped_early(connection: Connection, study: Row[Any], final: MedianRow) -> bool:
    """Whether the final seeds so far, all with a verdict, are the last because of what they show.

    Args:
        connection: any transaction.
        study: a row of the studies table.
        final: the medians of its final phase.
    """
    if final.seeds == study.seeds or final.reached is None:
        return False
    looks = looks_of(connection, study)
    limits = dict(zip(looks, spending(looks), strict=False))  # none belongs to the last look
    return final.reached <= limits.get(final.seeds, -1)
