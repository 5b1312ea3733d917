"""Is the best region cut off by an edge of the search space?

Of the m best trials, how many lie in the outer tenth of a range: if the parameter's edge did not
matter, about Binomial(m, 0.1), for a quasi-random design spreads its points evenly. Parameters and
sides are many, so the level is divided among them (Bonferroni). That the single best trial lies
near some edge says little: with six parameters it does in nearly half of all studies.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.medians import known

Side = Literal["low", "high"]
Flag = Literal["expand", "info", "stability limit"]

_SIDES: tuple[Side, Side] = ("low", "high")
_OUTER = 0.1  # of the range on the search scale; also the share of trials that are the best
_FEWEST_BEST = 5
_VERY_EDGE = 0.05
_FURTHER = 0.5  # of the range


@dataclass(frozen=True)
class EdgeFinding:
    """One side of one parameter.

    Attributes:
        dimension: its number.
        side: which end of the range.
        count: best trials in the outer tenth.
        considered: best trials in which the parameter is active.
        p_value: of so many or more by chance, before the division by sides.
        flag: `expand`: the range should go further; `stability limit`: the best trial lies beside
            a region where every trial is infeasible, so a wider range would not help; `info`: only
            the single best trial is near the edge; None: nothing.
        suggested_unit: where the edge should be on the search scale (0 and 1 are the present
            ends), half a range further; None unless the flag is `expand`.
    """

    dimension: int
    side: Side
    count: int
    considered: int
    p_value: float
    flag: Flag | None
    suggested_unit: float | None


def boundary_check(
    units: ArrayLike, values: ArrayLike, goal: Goal, alpha: float = 0.05
) -> list[EdgeFinding]:
    """Both sides of every dimension; the best are the best tenth of feasible trials, at least 5.

    Args:
        units: shape [n, d], places in the unit cube, of ranges only: a choice has no edges; NaN
            where a parameter is inactive.
        values: shape [n], search values; infeasible trials are the worst infinity.
        goal: which direction is better.
        alpha: chance of any `expand` in a whole study where no parameter matters.

    Returns:
        Low and high of dimension 0, then of dimension 1, ...

    Raises:
        ValueError: there are no values, one of them is NaN, or shapes differ.
    """
    places, array = np.asarray(units, float), known(values)
    if places.shape[:1] != array.shape or places.ndim != 2:
        raise ValueError(f"expected units of shape [{array.size}, d], got {places.shape}")
    order = np.argsort(-array if goal is Goal.MAXIMIZE else array, kind="stable")
    ranked, feasible = places[order], np.isfinite(array[order])
    level = alpha / max(1, 2 * places.shape[1])
    return [
        _finding(column if side == "low" else 1 - column, feasible, level, (dimension, side))
        for dimension, column in enumerate(ranked.T)
        for side in _SIDES
    ]


def _finding(
    distance: NDArray[np.float64],
    feasible: NDArray[np.bool_],
    level: float,
    place: tuple[int, Side],
) -> EdgeFinding:
    """One side; `distance` from its edge and `feasible` go from the best trial to the worst."""
    wanted = max(_FEWEST_BEST, math.ceil(_OUTER * feasible.sum()))
    best = distance[feasible][:wanted]
    active = best[~np.isnan(best)]
    count = int((active < _OUTER).sum())
    p_value = float(scipy.special.bdtrc(count - 1, active.size, _OUTER))
    flag: Flag | None = None
    if active.size and _beside_infeasible(distance, feasible, level):
        flag = "stability limit"
    elif p_value < level:
        flag = "expand"
    elif best.size and best[0] < _VERY_EDGE:
        flag = "info"
    further = -_FURTHER if place[1] == "low" else 1 + _FURTHER
    suggested = further if flag == "expand" else None
    return EdgeFinding(*place, count, active.size, p_value, flag, suggested)


def _beside_infeasible(
    distance: NDArray[np.float64], feasible: NDArray[np.bool_], level: float
) -> bool:
    """Whether the trials nearest to the edge are all infeasible, and the best lies beside them.

    Beside: within a tenth of the range of the first feasible one. The l nearest trials of n, of
    which k are infeasible, are all infeasible by chance with probability C(n - l, k - l) / C(n, k);
    that must be below `level`.
    """
    active = ~np.isnan(distance)
    infeasible, reached = distance[active & ~feasible], distance[active & feasible]
    nearest = reached.min()
    run = int((infeasible < nearest).sum())
    i = np.arange(run)
    by_chance = float(np.prod((infeasible.size - i) / (distance[active].size - i)))
    return by_chance < level and bool(reached[0] - nearest < _OUTER)
