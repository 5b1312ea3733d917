"""Steps to the target from medians at several budgets, by isotonic regression.

A larger budget, tuned anew, is not worse: the median is a monotone function of the steps. The best
monotone fit is computed by the min-max formula (Robertson, Wright & Dykstra, Order Restricted
Statistical Inference, 1988, 1.4), which gives what pooling adjacent violators gives, for a whole
array of ladders at once.
"""

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.study import Goal

Array = NDArray[np.float64]


def isotonic_fit(values: Array, weights: Array | None = None, *, increasing: bool = True) -> Array:
    """The monotone values nearest to `values` in weighted squares.

    Args:
        values: shape [..., k]; infinities of one sign may occur and win over what they are pooled
            with.
        weights: shape [k], positive; equal by default.
        increasing: whether the fit must not decrease, or must not increase.

    Returns:
        Shape [..., k]: at place i the largest over a <= i of the least over b >= i of the mean of
        places a to b.

    Raises:
        ValueError: a value is NaN.
    """
    if np.isnan(values).any():
        raise ValueError("a median that is not known yet has no place in a fit")
    if not increasing:
        return -isotonic_fit(-values, weights)
    k = values.shape[-1]
    weights = np.ones(k) if weights is None else weights
    means = {
        (a, b): np.average(values[..., a : b + 1], axis=-1, weights=weights[a : b + 1])
        for a in range(k)
        for b in range(a, k)
    }
    fit = [
        np.max([np.min([means[a, b] for b in range(i, k)], axis=0) for a in range(i + 1)], axis=0)
        for i in range(k)
    ]
    return np.stack(fit, axis=-1)


def crossings(
    steps: Array, medians: Array, target: float, goal: Goal, weights: Array | None = None
) -> Array:
    """The budgets at which monotone fits cross the target, linear in log(steps) between rungs.

    Args:
        steps: shape [k], increasing.
        medians: shape [..., k], of the metric at these budgets; the worst infinity if infeasible.
        target: the value to be reached.
        goal: which direction is better.
        weights: shape [k], of the medians in the fit.

    Returns:
        Shape [...]. Infinite where even the largest budget does not reach the target: more than
        that. The smallest budget where all of them reach it: at most that.
    """
    sign = 1.0 if goal is Goal.MAXIMIZE else -1.0
    quality = isotonic_fit(sign * medians, weights) - sign * target
    first = np.argmax(quality >= 0, axis=-1)  # 0 also if none reaches: told apart below
    last_below = np.maximum(first - 1, 0)
    above = np.take_along_axis(quality, first[..., None], -1)[..., 0]
    below = np.take_along_axis(quality, last_below[..., None], -1)[..., 0]
    reached = quality[..., -1] >= 0
    inside = reached & (first > 0)
    gap = np.subtract(above, below, out=np.ones_like(above), where=inside)
    # Of the way from the rung that reaches back to the one below; none if that is infeasible.
    share = np.where(inside, above / gap, 0.0)
    logs = np.log(steps)
    between = np.exp(logs[first] - share * (logs[first] - logs[last_below]))
    found = np.where(share > 0, between, steps[first])
    return np.where(reached, found, np.inf)


def steps_to_target(
    steps: Array, medians: Array, target: float, goal: Goal, weights: Array | None = None
) -> float:
    """`crossings` of one ladder: medians of shape [k]."""
    return float(crossings(steps, medians, target, goal, weights))
