"""Figures, their limits, and the table of them."""

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Figure:
    """Something that was measured, in a few rounds or once.

    Attributes:
        values: one a round; empty if it could not be measured.
        limit: the median may not be worse; None if it is only told.
        at_least: whether more is better, and the limit a lower one.
        skipped: why it was not measured.
    """

    what: str
    unit: str
    values: Sequence[float]
    limit: float | None = None
    at_least: bool = False
    skipped: str | None = None

    @property
    def measured(self) -> float | None:
        """The median over the rounds."""
        return statistics.median(self.values) if self.values else None

    @property
    def met(self) -> bool:
        """Whether it is within its limit, if it has one and was measured."""
        if self.limit is None or self.measured is None:
            return True
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def to_json(self) -> dict[str, Any]:
        """The figure with the values of all rounds."""
        return {
            "what": self.what,
            "unit": self.unit,
            "measured": self.measured,
            "rounds": list(self.values),
            "limit": self.limit,
            "at_least": self.at_least,
            "met": None if self.skipped or self.limit is None else self.met,
            "skipped": self.skipped,
        }

    def cells(self) -> Iterator[str]:
        """The figure as it is printed."""
        yield self.what
        yield "" if self.measured is None else self._shown(self.measured)
        if self.limit is None:
            yield from ("", "")
            return
        yield ("at least " if self.at_least else "at most ") + self._shown(self.limit)
        yield self.skipped or ("met" if self.met else "**MISSED**")

    def _shown(self, value: float) -> str:
        decimals = 0 if value >= 100 else 1 if value >= 10 else 3
        return f"{value:,.{decimals}f} {self.unit}"


def table(figures: Sequence[Figure]) -> str:
    """The figures as Markdown."""
    head = ("what", "measured", "limit", "verdict")
    rows = [head, ["---"] * len(head), *(figure.cells() for figure in figures)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
