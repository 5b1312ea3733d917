"""A table of figures: ours, Optuna's, the limit, and whether it is met."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """A figure of ours; those that do not exist are None.

    Attributes:
        wall: asked again, if the question was asked more than once.
        first: asked for the first time.
        cpu: of `wall`, what this process computed.
        optuna: the same of Optuna, asked again.
        at_least: whether more is better, and the limit a lower one.
    """

    question: str
    unit: str
    wall: float
    first: float | None = None
    cpu: float | None = None
    optuna: float | None = None
    limit: float | None = None
    at_least: bool = False

    def met(self, by_cpu: bool) -> bool:
        """Whether it is within its limit, if it has one."""
        judged = self.cpu if by_cpu and self.cpu is not None else self.wall
        if self.limit is None:
            return True
        return judged >= self.limit if self.at_least else judged <= self.limit

    def cells(self, by_cpu: bool) -> Iterator[str]:
        """The line as it is printed."""
        yield self.question
        for value in (self.first, self.wall, self.cpu, self.optuna):
            yield "" if value is None else f"{_rounded(value)} {self.unit}"
        if self.optuna is None:
            yield ""
        else:
            better, worse = (self.wall, self.optuna)[:: 1 if self.at_least else -1]
            yield _rounded(better / worse)
        yield "" if self.limit is None else f"{_rounded(self.limit)} {self.unit}"
        yield "" if self.limit is None else ("met" if self.met(by_cpu) else "**MISSED**")


def _rounded(value: float) -> str:
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


def table(name: str, measured: Sequence[Line], *, by_cpu: bool) -> str:
    """The figures of an engine as Markdown."""
    judged = "CPU" if by_cpu else "again"
    head = (name, "first", "again", "CPU", "Optuna", "ratio", "limit", f"by {judged}")
    rows = [head, ["---"] * len(head), *(line.cells(by_cpu) for line in measured)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
