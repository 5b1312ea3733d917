"""Which part of a metric's axis is drawn: a few very bad values must not flatten the good ones."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from shampoo_tune.study import Goal
from shampoo_tune.tuner.study_data import Array

_REACH = 1.5  # interquartile ranges past the worst tenth
_EXPLODED = 5.0  # times as far past the median as the best value is before it
_LEAST_WIDTH = 1e-6
_FARTHEST = 3.0  # widths of the values from their middle to a target that is still drawn


@dataclass(frozen=True)
class Window:
    """The values from `low` to `high` are drawn; `beyond` of them are worse and lie on the edge."""

    low: float
    high: float
    beyond: int

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high


def value_window(
    values: Array,
    goal: Goal,
    target: float | None = None,
    also: Iterable[float | None] = (),
) -> Window | None:
    """From the best value to the tenth worst percentile and 1.5 interquartile ranges further.

    Losses have no worst value, and when many explode those two measures are theirs: so the window
    ends at the latest five times as far past the median as the best value is before it.

    Args:
        values: any shape; what is not finite is left out.
        goal: which direction is better.
        target: inside too, unless it is so far away that the values would be a blot.
        also: further values that are drawn; None are left out.

    Returns:
        The window, of positive width; None if no value is finite.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    badness = finite if goal is Goal.MINIMIZE else -finite
    low, middle, high, ninth = np.percentile(badness, [25, 50, 75, 90])
    worst = min(badness.max(), ninth + _REACH * (high - low))
    if middle > badness.min():
        worst = min(worst, middle + _EXPLODED * (middle - badness.min()))
    ends = [badness.min(), worst] if goal is Goal.MINIMIZE else [-worst, -badness.min()]
    shown = [float(end) for end in ends] + [value for value in also if value is not None]
    first, last = min(shown), max(shown)
    pad = max(_LEAST_WIDTH, 0.01 * abs(last)) if last - first < _LEAST_WIDTH else 0.0
    around = Window(first - pad, last + pad, int((badness > worst).sum()))
    return _stretched(around, target)


def _stretched(window: Window, target: float | None) -> Window:
    width = window.high - window.low
    if target is None or not abs(target - (window.low + window.high) / 2) <= _FARTHEST * width:
        return window
    return Window(min(window.low, target), max(window.high, target), window.beyond)


def union(windows: Sequence[Window | None]) -> Window | None:
    """The smallest window around all that are known; None if none is."""
    known = [window for window in windows if window is not None]
    if not known:
        return None
    low, high = min(w.low for w in known), max(w.high for w in known)
    return Window(low, high, sum(w.beyond for w in known))
