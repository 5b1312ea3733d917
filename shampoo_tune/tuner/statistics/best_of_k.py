"""What the best of k trials would have been: exact, over all subsets of k of the n trials.

With values y_(1), ..., y_(n) from worst to best, the best of a random subset of k is y_(i) with
probability w_i = [C(i, k) - C(i - 1, k)] / C(n, k) = C(i - 1, k - 1) / C(n, k): the subset holds
the i-th, and its other members are worse. No sampling is needed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.medians import known

TABLE_KS = (1, 2, 5, 10, 20, 50)
_ROUNDING = 1e-9  # of a cumulated probability


@dataclass(frozen=True)
class BestOfK:
    """The distribution of the best of k.

    Attributes:
        k: size of the subsets.
        expected: its mean; None if a subset may hold infeasible trials only.
        quantiles: in the order asked for; infinite where the best of that many subsets is
            infeasible.
    """

    k: int
    expected: float | None
    quantiles: tuple[float, ...]


def best_of_k(
    values: ArrayLike,
    k: int,
    goal: Goal,
    quantiles: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95),
) -> BestOfK:
    """The best of k of the trials, chosen without replacement.

    A quantile is the lowest value whose cumulated probability is at least the level, so it is
    always one of the values.

    Args:
        values: shape [n], the search values; infeasible trials are the worst infinity.
        k: in [1, n].
        goal: which direction is best.
        quantiles: levels in (0, 1) of the value itself: 0.05 is low, whatever the goal.

    Raises:
        ValueError: k is out of range, there are no values, or one of them is NaN.
    """
    array = known(values)
    if not 1 <= k <= array.size:
        raise ValueError(f"k must be in [1, {array.size}], got {k}")
    worst_first = np.sort(array)[:: 1 if goal is Goal.MAXIMIZE else -1]
    possible, weights = worst_first[k - 1 :], _weights(array.size, k)  # the k - 1 worst never are
    expected = float(possible @ weights) if np.isfinite(possible).all() else None
    rising = slice(None, None, 1 if goal is Goal.MAXIMIZE else -1)
    return BestOfK(k, expected, _quantiles(possible[rising], weights[rising], quantiles))


def _weights(n: int, k: int) -> NDArray[np.float64]:
    """w_k, ..., w_n, from w_n = k / n and w_(i-1) = w_i (i - k) / (i - 1)."""
    i = np.arange(n, k, -1)
    from_best = np.concatenate([[k / n], k / n * np.cumprod((i - k) / (i - 1))])
    return np.asarray(from_best[::-1])


def _quantiles(
    rising: NDArray[np.float64], weights: NDArray[np.float64], levels: Sequence[float]
) -> tuple[float, ...]:
    cumulated = np.cumsum(weights)
    places = np.searchsorted(cumulated, np.asarray(levels) - _ROUNDING)
    return tuple(float(rising[min(place, rising.size - 1)]) for place in places)
