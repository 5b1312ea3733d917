"""The best trial in each bucket of one parameter, whatever the other parameters are.

Where this curve is flat the parameter does not matter once the others are tuned to it (Godbole et
al. 2023, Deep Learning Tuning Playbook, isolation plots).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.medians import known

_FEWEST, _MOST = 5, 20
_TRIALS_PER_BUCKET = 10


@dataclass(frozen=True)
class Bucket:
    """A part of a parameter's range on the search scale.

    Attributes:
        low: included.
        high: not included, but for the last.
        count: trials in it.
        feasible: how many of them are.
        best_trial: the place of the best among the values; the first of equals; None without a
            feasible one.
        best_value: its value.
    """

    low: float
    high: float
    count: int
    feasible: int
    best_trial: int | None
    best_value: float | None


def isolation(units: ArrayLike, values: ArrayLike, goal: Goal, levels: int | None) -> list[Bucket]:
    """The buckets of one dimension, from its low end to its high end.

    They are equally wide on the search scale: a tenth as many as there are feasible trials, but 5
    at least and 20 at most.

    Args:
        units: shape [n], places in [0, 1] on the search scale; NaN where the parameter is inactive.
        values: shape [n], search values; infeasible trials are the worst infinity.
        goal: which direction is better.
        levels: the number of values of a choice or a small whole range, a bucket each; None for
            a continuous range.

    Raises:
        ValueError: a value is NaN or there are none, or shapes differ.
    """
    places, array = np.asarray(units, float), known(values)
    if places.shape != array.shape:
        raise ValueError(f"expected as many units as values, got {places.shape}, {array.shape}")
    count = levels or _bucket_count(int(np.isfinite(array).sum()))
    active = ~np.isnan(places)
    numbers = np.full(places.size, -1)
    numbers[active] = np.clip(places[active] * count, 0, count - 1).astype(int)
    badness = -array if goal is Goal.MAXIMIZE else array
    return [
        _bucket(number, count, np.flatnonzero(numbers == number), array, badness)
        for number in range(count)
    ]


def _bucket_count(feasible: int) -> int:
    return min(max(feasible // _TRIALS_PER_BUCKET, _FEWEST), _MOST)


def _bucket(
    number: int,
    count: int,
    trials: NDArray[np.intp],
    values: NDArray[np.float64],
    badness: NDArray[np.float64],
) -> Bucket:
    """The bucket of these trials."""
    low, high = number / count, (number + 1) / count
    feasible = trials[np.isfinite(values[trials])]
    if not feasible.size:
        return Bucket(low, high, trials.size, 0, None, None)
    best = int(feasible[np.argmin(badness[feasible])])
    return Bucket(low, high, trials.size, feasible.size, best, float(values[best]))
