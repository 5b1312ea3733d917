"""A round and the rounds before it: that it comes from where it says, and uses fresh seeds.

Seeds and scrambles are a function of the replicate's number. What a round measured guided the
ranges of the next one, so a round takes numbers that none before it has had.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.errors import InvalidInputError, NotFoundError
from shampoo_tune.storage import queries
from shampoo_tune.tuner.study_file.loading import Study


def lineage(connection: Connection, group_name: str) -> Iterator[Row[Any]]:
    """The group, its parent, and so on.

    Raises:
        NotFoundError: one of them is not in the database.
    """
    name: str | None = group_name
    while name is not None:
        group = queries.require_group(connection, name)
        yield group
        parent = group.document.get("parent")
        name = parent["group"] if parent else None


def next_replicate(connection: Connection, group_id: int) -> int:
    """The first number after those of a group; the rounds before it have lower ones."""
    studies = queries.studies_of(connection, group_id)
    return 1 + max(int(study.replicate) for study in studies)


def check_parent(connection: Connection, study: Study) -> None:
    """Whether the study's parent, if it has one, is there and has not used this round's seeds.

    Raises:
        NotFoundError: there is no such group.
        InvalidInputError: the group was made from another file, or has used these seeds.
    """
    parent = study.parent
    if parent is None:
        return
    group = queries.find_group(connection, parent.group)
    if group is None:
        raise NotFoundError(
            f"the parent {parent.group!r} is not in this database: name the one that it is in with "
            "--db, or leave `parent` out if this is a first round"
        )
    if group.digest != parent.digest:
        raise InvalidInputError(
            f"the parent {parent.group!r} has the digest {group.digest}, not {parent.digest}: this "
            f"file was not refined from it; `shampoo-tune refine {parent.group}` makes one that is"
        )
    fresh = next_replicate(connection, group.id)
    if parent.replicates < fresh:
        raise InvalidInputError(
            f"parent.replicates is {parent.replicates}, but the rounds up to {parent.group!r} used "
            f"all replicate numbers below {fresh} and their seeds: write {fresh}"
        )
