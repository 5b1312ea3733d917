"""A ladder as it stands in the database: what each of its groups remembers of the whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from shampoo_tune.storage import queries


@dataclass(frozen=True)
class RecordedLadder:
    """What was declared and is needed to read the result.

    Attributes:
        name: what the names of its groups begin with.
        factor: each budget is this part of the one before.
        looks: the numbers of final seeds at which a hopeless rung is stopped.
        groups: steps -> name of the rung's group, the largest first.
    """

    name: str
    factor: float
    looks: tuple[int, ...]
    groups: Mapping[int, str]


def recorded_ladder(connection: Connection, group_name: str) -> RecordedLadder | None:
    """The ladder that a group is a rung of; None if it is an ordinary group.

    Raises:
        NotFoundError: there is no such group.
    """
    group = queries.require_group(connection, group_name)
    declared = group.provenance.get("ladder")
    if not declared:
        return None
    return RecordedLadder(
        name=declared["name"],
        factor=declared["factor"],
        looks=tuple(declared["looks"]),
        groups={steps: rung_name(declared["name"], steps) for steps in declared["steps"]},
    )


def recorded_ladders(connection: Connection, groups: Sequence[str]) -> list[RecordedLadder]:
    """The ladders that any of the groups is a rung of, each once."""
    found = [recorded_ladder(connection, name) for name in groups]
    return list({ladder.name: ladder for ladder in found if ladder is not None}.values())


def rung_name(ladder: str, steps: int) -> str:
    """The name of a rung's group."""
    return f"{ladder}-s{steps}"
