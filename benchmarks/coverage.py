"""How often the intervals of `shampoo_tune.tuner.statistics` cover the truth, in simulated draws.

Values are monotone functions of a normal number z, so that their medians are known.
`python -m benchmarks.intervals` prints these figures.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.differences import paired_median_difference
from shampoo_tune.tuner.statistics.medians import median_interval
from shampoo_tune.tuner.statistics.over_studies import (
    OverStudies,
    better,
    difference_over_studies,
    study_interval,
)

Array = NDArray[np.float64]
Shape = Callable[[Array], Array]
Draw = Callable[[Shape, int, np.random.Generator], bool]

EXAMPLES = 359
SHAPES: dict[str, Shape] = {
    "normal": lambda z: z,
    "skewed": lambda z: -np.exp(z / 2),  # skewness -1.8
    "very skewed": lambda z: -np.exp(z),  # -6.2
    "counts": lambda z: np.round(348.3 + 2.2 * z) / EXAMPLES,
    "few counts": lambda z: np.round(348.3 + 0.5 * z) / EXAMPLES,
    "a fifth infeasible": lambda z: np.where(z < -0.8416, -math.inf, z),
}
FINITE = tuple(SHAPES)[:5]
SPREAD, SHIFT = 0.7, -0.5  # of the second arm's z
_RESAMPLES = 2000


@dataclass(frozen=True)
class Claim:
    """Something that is to be true in a share of all draws.

    Attributes:
        name: what.
        numbers: of seeds, or of studies.
        shapes: names of the distributions it is tried with.
        holds: whether it is true in one draw.
    """

    name: str
    numbers: tuple[int, ...]
    shapes: tuple[str, ...]
    holds: Draw


def arms(shape: Shape, n: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """Two arms' values with the same seeds, correlated 0.5 in z, each with a median known."""
    first, second = _pairs(n, rng)
    return shape(first), shape(SPREAD * second + SHIFT)


def _pairs(n: int, rng: np.random.Generator) -> Array:
    return np.asarray((rng.normal(size=n) + rng.normal(size=(2, n))) / math.sqrt(2))


def _at(shape: Shape, z: float) -> float:
    return float(shape(np.array(z)))


def median_is_covered(shape: Shape, n: int, rng: np.random.Generator) -> bool:
    """Of one arm, over seeds."""
    interval = median_interval(shape(rng.normal(size=n)))
    return interval is not None and interval.low <= _at(shape, 0) <= interval.high


def difference_is_covered(shape: Shape, n: int, rng: np.random.Generator) -> bool:
    """Of the medians of two arms, over seeds; an undetermined end excludes nothing."""
    first, second = arms(shape, n, rng)
    seed = int(rng.integers(2**32))
    found = paired_median_difference(first, second, resamples=_RESAMPLES, seed=seed)
    low = -math.inf if found.low is None else found.low
    high = math.inf if found.high is None else found.high
    return low <= _at(shape, 0) - _at(shape, SHIFT) <= high


def mean_is_covered(shape: Shape, n: int, rng: np.random.Generator) -> bool:
    """Of one optimizer, over studies."""
    return _holds(study_interval(shape(rng.normal(size=n))), _mean(shape))


def mean_difference_is_covered(shape: Shape, n: int, rng: np.random.Generator) -> bool:
    """Of two optimizers, over studies."""
    truth = _mean(shape) - _mean(shape, SPREAD, SHIFT)
    return _holds(difference_over_studies(*arms(shape, n, rng)), truth)


@functools.cache
def _mean(shape: Shape, spread: float = 1, shift: float = 0) -> float:
    grid = stats.norm.ppf((np.arange(1_000_000) + 0.5) / 1_000_000)
    return float(shape(spread * grid + shift).mean())


def _holds(found: OverStudies, truth: float) -> bool:
    if found.low is None or found.high is None:
        raise AssertionError("three finite studies have an interval")
    return found.low <= truth <= found.high


def equals_are_called_better(shape: Shape, n: int, rng: np.random.Generator) -> bool:
    """A wrong verdict on two optimizers with the same distribution of studies."""
    first, second = _pairs(n, rng)
    difference = difference_over_studies(shape(first), shape(second))
    return better(difference, Goal.MAXIMIZE, difference.p_value) is not None


SEEDS, STUDIES = (6, 10, 20, 50), (3, 5, 10)
CLAIMS = (
    Claim("`median_interval` over seeds", SEEDS, tuple(SHAPES), median_is_covered),
    Claim("`study_interval`", STUDIES, FINITE, mean_is_covered),
    Claim("`difference_over_studies`", STUDIES, FINITE, mean_difference_is_covered),
    Claim("`better` though equal", STUDIES, FINITE, equals_are_called_better),
)
BOOTSTRAP = Claim(
    "`paired_median_difference` over seeds", SEEDS, tuple(SHAPES), difference_is_covered
)


def share_true(claim: Claim, shape: str, n: int, draws: int) -> float:
    """In how many of the draws the claim holds."""
    rng = np.random.default_rng(np.random.SeedSequence([n, list(SHAPES).index(shape)]))
    return sum(claim.holds(SHAPES[shape], n, rng) for _ in range(draws)) / draws
