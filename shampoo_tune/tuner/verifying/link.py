"""A link of the chain from the study file to the published table, and where it is broken."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_ROUNDING = 1e-12  # in which libraries of mathematics, and databases, may differ


@dataclass(frozen=True)
class Difference:
    """Something that is not what it follows from.

    Attributes:
        where: the row, as in `quick/nesterov final trial 3 seed 200004`.
        what: of it.
        stored: what is there; None is nothing.
        expected: what follows from the links before.
    """

    where: str
    what: str
    stored: Any
    expected: Any

    def __str__(self) -> str:
        return f"{self.where}: {self.what} is {_show(self.stored)}, not {_show(self.expected)}"


@dataclass(frozen=True)
class Link:
    """One link: its name, what was compared, and where that differs."""

    name: str
    compared: str
    differences: tuple[Difference, ...]


def same(stored: Any, expected: Any) -> bool:
    """Whether two JSON values are equal; numbers up to rounding."""
    if isinstance(stored, bool) or isinstance(expected, bool):
        return stored is expected
    if isinstance(stored, (int, float)) and isinstance(expected, (int, float)):
        return math.isclose(stored, expected, rel_tol=_ROUNDING)
    return bool(stored == expected)


def differing(where: str, stored: Any, expected: Any, path: str = "") -> Iterator[Difference]:
    """Every value that differs between two JSON documents; `path` is dotted."""
    if isinstance(stored, Mapping) and isinstance(expected, Mapping):
        pairs = {key: (stored.get(key), expected.get(key)) for key in (*expected, *stored)}
    elif isinstance(stored, list) and isinstance(expected, list) and len(stored) == len(expected):
        pairs = {str(i): pair for i, pair in enumerate(zip(stored, expected, strict=True))}
    else:
        if not same(stored, expected):
            yield Difference(where, path or "value", stored, expected)
        return
    for key, (there, wanted) in pairs.items():
        yield from differing(where, there, wanted, f"{path}.{key}" if path else str(key))


def _show(value: Any) -> str:
    return "nothing" if value is None else str(value)
