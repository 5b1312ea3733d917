"""Which way of choosing a winner loses least, at the equal cost of fifteen runs.

*Regret*: the true value of the best of the candidates minus that of the one that was chosen.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# name -> stages; a stage trains so many of the best so far with so many more seeds.
SCHEMES: dict[str, tuple[tuple[int, int], ...]] = {
    "3 x 5": ((3, 5),),
    "5 x 3": ((5, 3),),
    "8 x 1, 4 x 1, 3 x 1": ((8, 1), (4, 1), (3, 1)),
    "7 x 1, 4 x 2": ((7, 1), (4, 2)),
    "7 x 1, 4 x 1, 2 x 2": ((7, 1), (4, 1), (2, 2)),
    "1 x 15, the best by search": ((1, 15),),
}
RUNS = 15
CHANCE = 0.1  # what a trial is worth whose median falls on an infeasible run


@dataclass(frozen=True)
class Candidates:
    """The best trials of some studies by search, best first, with fresh seeds.

    Attributes:
        values: shape [studies, trials, RUNS].
        losses: the same; they decide ties.
        truth: shape [studies, trials].
    """

    values: Array
    losses: Array
    truth: Array


@dataclass(frozen=True)
class Regret:
    """A scheme's mean regret, and that of the first scheme subtracted, with standard errors."""

    scheme: str
    mean: float
    error: float
    beyond_first: float
    beyond_first_error: float


def choose(candidates: Candidates, scheme: tuple[tuple[int, int], ...]) -> NDArray[np.intp]:
    """The position of the chosen trial, shape [studies].

    After each stage trials are ordered by the median of their runs so far, ties by the median of
    the losses, then by the order of before.
    """
    studies, trials, _ = candidates.values.shape
    order = np.tile(np.arange(trials), (studies, 1))
    seeds = 0
    for survivors, more in scheme:
        seeds += more
        order = order[:, :survivors]
        value, loss = (
            np.median(np.take_along_axis(array, order[:, :, None], axis=1)[:, :, :seeds], axis=2)
            for array in (candidates.values, candidates.losses)
        )
        places = np.tile(np.arange(survivors), (studies, 1))
        order = np.take_along_axis(order, np.lexsort((places, loss, -value), axis=-1), axis=1)
    chosen: NDArray[np.intp] = order[:, 0]
    return chosen


def regrets(candidates: Candidates) -> list[Regret]:
    """Every scheme on the same studies."""
    truth = np.maximum(candidates.truth, CHANCE)
    best, rows = truth.max(axis=1), np.arange(len(truth))
    lost = {name: best - truth[rows, choose(candidates, s)] for name, s in SCHEMES.items()}
    first = next(iter(lost.values()))
    return [
        Regret(name, float(each.mean()), _error(each),
               float((each - first).mean()), _error(each - first))
        for name, each in lost.items()
    ]  # fmt: skip


def _error(values: Array) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))
