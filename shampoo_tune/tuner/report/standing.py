"""Where a median stands to the target, as far as its interval tells; no arrays are needed for it.

A tick needs an interval: it says that the median of all runs of a configuration is at or past the
target, not that the median of these few is.
"""

from enum import StrEnum

from shampoo_tune.study import Goal


class Standing(StrEnum):
    """What may be said of a study and its target."""

    REACHED = "reached"  # the whole interval is at or past the target
    MISSED = "missed"  # the whole interval falls short of it
    OPEN = "open"  # the target lies inside the interval
    NO_INTERVAL = "no interval"  # too few seeds, or infeasible ones among the middle
    NO_TARGET = "no target"
    PENDING = "pending"  # not all seeds have their verdict


def standing(
    low: float | None, high: float | None, target: float | None, goal: Goal, *, complete: bool
) -> Standing:
    """The standing of a median with the interval [low, high]; None for an unknown end."""
    if not complete:
        return Standing.PENDING
    if target is None:
        return Standing.NO_TARGET
    if low is None or high is None:
        return Standing.NO_INTERVAL
    if goal is Goal.MINIMIZE:
        low, high, target = -high, -low, -target
    if low >= target:
        return Standing.REACHED
    return Standing.MISSED if high < target else Standing.OPEN


def standing_words(state: Standing, target: float | None) -> str:
    """A few words for a table's cell."""
    shown = "" if target is None else f"{target:g}"
    return {
        Standing.REACHED: f"reaches {shown}",
        Standing.MISSED: f"does not reach {shown}",
        Standing.OPEN: f"not shown to reach {shown}",
        Standing.NO_INTERVAL: "no interval, no verdict",
        Standing.NO_TARGET: "no target",
        Standing.PENDING: "no verdict yet",
    }[state]
