"""Steps to the target of one arm against another.

The interval of a ratio comes from the same resamples as the arms' own, so that it is paired by
study and by seed. "Fewer steps" is a claim about two optimizers, so it needs several studies: the
interval must exclude 1, and so must a paired t-test on log(steps), study by study. With few studies
a bootstrap interval alone would be too short (docs/ladder.md has its measured coverage).
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.tuner.ladder.result import Over, Ratio
from shampoo_tune.tuner.statistics.differences import holm
from shampoo_tune.tuner.statistics.medians import Interval
from shampoo_tune.tuner.statistics.over_studies import difference_over_studies
from shampoo_tune.tuner.statistics.two_level import percentile_interval

ALPHA = 0.05

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Crossings:
    """The steps to the target of one arm on a ladder, see `isotonic.crossings`.

    Attributes:
        arm: its name.
        value: from all its data.
        by_study: from each study alone, by replicate.
        resampled: shape [resamples], from resampled data; the draws are those of the other arms.
        smallest: budget of the ladder; such a value may be less.
        largest: budget of the ladder; an infinite value is more.
    """

    arm: str
    value: float
    by_study: tuple[float, ...]
    resampled: Array
    smallest: float
    largest: float

    def inside(self, steps: float) -> bool:
        """Whether a value is a crossing between two rungs, and no mere bound."""
        return self.smallest < steps < math.inf


def compare_steps(arms: Sequence[Crossings], over: Over | None) -> list[Ratio]:
    """The ratios of all pairs of arms, p-values adjusted for their number."""
    pairs = [_ratio(a, b, over) for a, b in itertools.combinations(arms, 2)]
    adjusted = iter(holm([pair.p_value for pair in pairs if pair.p_value is not None]))
    return [
        pair if pair.p_value is None else _judge(replace(pair, p_value=float(next(adjusted))))
        for pair in pairs
    ]


def _ratio(a: Crossings, b: Crossings, over: Over | None) -> Ratio:
    known = a.inside(a.value) and b.inside(b.value)
    return Ratio(
        first=a.arm,
        second=b.arm,
        ratio=a.value / b.value if known else None,
        interval=_interval(a, b) if known and over else None,
        p_value=_p_value(a, b) if over == "studies" else None,
        fewer=None,
    )


def _interval(a: Crossings, b: Crossings) -> Interval:
    """Every resample gives bounds on the ratio: equal ones where both arms cross inside."""
    with np.errstate(divide="ignore"):
        low = _at_least(a) / b.resampled
        high = a.resampled / _at_least(b)
    return Interval(percentile_interval(low).low, percentile_interval(high).high)


def _at_least(crossings: Crossings) -> Array:
    """What the steps are at least: 0 for "at most the smallest", the largest for "more than it"."""
    steps = crossings.resampled
    return np.where(steps <= crossings.smallest, 0.0, np.minimum(steps, crossings.largest))


def _p_value(a: Crossings, b: Crossings) -> float | None:
    if not (all(map(a.inside, a.by_study)) and all(map(b.inside, b.by_study))):
        return None
    return difference_over_studies(np.log(a.by_study), np.log(b.by_study)).p_value


def _judge(pair: Ratio) -> Ratio:
    if pair.interval is None or pair.p_value is None or pair.p_value > ALPHA:
        return pair
    if pair.interval.high < 1:
        return replace(pair, fewer=pair.first)
    return replace(pair, fewer=pair.second) if pair.interval.low > 1 else pair
