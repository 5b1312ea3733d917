"""The median of runs of which some may be infeasible, and its distribution-free interval."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

_ROUNDING = 1e-12


@dataclass(frozen=True)
class Interval:
    """Two ends; either may be infinite where infeasible runs reach it."""

    low: float
    high: float


def known(values: ArrayLike) -> NDArray[np.float64]:
    """The values as an array of shape [n].

    Raises:
        ValueError: there are none, or one of them is NaN: a run without a verdict.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1 or not array.size:
        raise ValueError(f"expected one or more values in a row, got shape {array.shape}")
    if np.isnan(array).any():
        raise ValueError("a run without a verdict (NaN) has no place in a statistic")
    return array


def median(values: ArrayLike) -> float:
    """The middle order statistic; of an even number the mean of the two middle ones.

    It is infinite as soon as one of the middle values is, so that it never hides that half of the
    runs were infeasible.

    Args:
        values: shape [n], infinities allowed.

    Raises:
        ValueError: there are no values, or one of them is NaN.
    """
    ordered = np.sort(known(values))
    low, high = ordered[(ordered.size - 1) // 2], ordered[ordered.size // 2]
    return float(low if np.isinf(low) else (low + high) / 2)  # -inf + inf would be NaN


def median_interval(values: ArrayLike, confidence: float = 0.95) -> Interval | None:
    """[x_(j), x_(n+1-j)] with the largest j that covers the median with `confidence`.

    Exact for every continuous distribution: coverage 1 - 2 P(B < j), B ~ Binomial(n, 1/2); more
    than that with ties (David & Nagaraja, Order Statistics, 7.1).

    Args:
        values: shape [n], infinities allowed.
        confidence: in (0, 1).

    Returns:
        None if even the extremes cover less: under 6 values at 95 %.

    Raises:
        ValueError: there are no values, or one of them is NaN.
    """
    ordered = np.sort(known(values))
    n = ordered.size
    tails = scipy.special.bdtr(np.arange(n), n, 0.5)  # P(B <= 0), P(B <= 1), ...
    rank = int(np.searchsorted(tails, (1 - confidence) / 2 * (1 + _ROUNDING), side="right"))
    if rank == 0:
        return None
    return Interval(float(ordered[rank - 1]), float(ordered[n - rank]))
