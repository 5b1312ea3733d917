"""Trials in the order of their search values, and how many of them count as the best."""

import math

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.study import Goal
from shampoo_tune.tuner.study_data import Array


def best_first(values: Array, goal: Goal) -> NDArray[np.int64]:
    """Numbers of the feasible trials, the best first, ties in the order of the design.

    Args:
        values: shape [trials]; infinite is infeasible, NaN has no verdict.
        goal: which direction is better.
    """
    trials = np.flatnonzero(np.isfinite(values))
    badness = values[trials] if goal is Goal.MINIMIZE else -values[trials]
    return trials[np.argsort(badness, kind="stable")]


def top_count(feasible: int) -> int:
    """How many of the feasible trials count as the best: a tenth, but at least 5 if there are."""
    return min(feasible, max(5, math.ceil(feasible / 10)))
