"""How often the two intervals of the protocol cover the truth they are about."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.tuner.statistics.medians import median, median_interval
from shampoo_tune.tuner.statistics.over_studies import (
    OverStudies,
    difference_over_studies,
    study_interval,
)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Coverage:
    """Of intervals that share no run.

    Attributes:
        interval: which one.
        covered: how many hold the truth.
        count: how many there are.
    """

    interval: str
    covered: int
    count: int


def over_seeds(final: Array, truth: Array) -> Coverage:
    """Of a winner's true median by the interval over its final seeds.

    Args:
        final: shape [winners, seeds].
        truth: shape [winners].
    """
    covered = 0
    for values, true in zip(final, truth, strict=True):
        interval = median_interval(values)
        covered += interval is not None and interval.low <= true <= interval.high
    return Coverage(f"median over {final.shape[1]} seeds", covered, len(final))


def split_winners(winners: Array, seeds: int) -> tuple[Array, Array]:
    """Blocks of runs as if each were a final phase, and the median of the same winner's others.

    Args:
        winners: shape [winners, many].
        seeds: of a block.

    Returns:
        Shapes [blocks, seeds] and [blocks].
    """
    blocks, truth = [], []
    for values in winners:
        for start in range(0, len(values) - seeds + 1, seeds):
            blocks.append(values[start : start + seeds])
            truth.append(median(np.delete(values, np.s_[start : start + seeds])))
    return np.array(blocks), np.array(truth)


def over_studies(medians: Array, studies: int) -> Coverage:
    """Of the long-run mean of the studies' medians by the interval over a few of them."""
    finite = medians[np.isfinite(medians)]  # there is no interval for an infinite one
    intervals = [study_interval(block) for block in _blocks(finite, studies)]
    return _count(f"mean over {studies} studies", intervals, float(finite.mean()))


def over_differences(first: Array, second: Array, studies: int) -> Coverage:
    """Of the long-run mean difference of two arms by the interval over a few pairs of studies."""
    both = np.isfinite(first) & np.isfinite(second)
    pairs = zip(_blocks(first[both], studies), _blocks(second[both], studies), strict=True)
    intervals = [difference_over_studies(a, b) for a, b in pairs]
    truth = float((first[both] - second[both]).mean())
    return _count(f"difference over {studies} studies", intervals, truth)


def _blocks(values: Array, size: int) -> Array:
    """Shape [blocks, size]; what is left over is not used."""
    return values[: len(values) // size * size].reshape(-1, size)


def _count(name: str, intervals: Sequence[OverStudies], truth: float) -> Coverage:
    covered = sum(
        interval.low is not None and interval.high is not None
        and interval.low <= truth <= interval.high
        for interval in intervals
    )  # fmt: skip
    return Coverage(name, covered, len(intervals))
