"""A bootstrap of medians over two levels: first whole studies are resampled, then their seeds.

All cells (an arm at a budget each) share the draws, for study r of one cell has the same design of
points and the same seeds as study r of another: differences and ratios between cells are paired.
"""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.tuner.statistics.medians import Interval, median

Array = NDArray[np.float64]
Cell = Sequence[Array]  # final values, an array of shape [seeds] for every study


def cell_median(cell: Cell) -> float:
    """The median over studies of their medians over seeds."""
    return median([median(values) for values in cell])


def resampled_medians(
    cells: Sequence[Cell], looks: Sequence[int], *, resamples: int = 10_000, seed: int = 0
) -> Array:
    """`cell_median` of resampled data.

    Args:
        cells: all with the same number of studies. A study may have ended at any look.
        looks: the numbers of seeds a study may have. Seeds are drawn among those of their look, so
            that studies which ended earlier take part in the same draws.
        resamples: how many.
        seed: of the draws.

    Returns:
        Shape [cells, resamples].

    Raises:
        ValueError: a study has a number of seeds that is no look.
    """
    rng = np.random.default_rng(seed)
    studies = len(cells[0])
    # Seeds are resampled once for each study; a resample of studies then picks among them.
    pool = np.empty((len(cells), studies, resamples))
    for study in range(studies):
        draws = _draw_seeds(rng, looks, resamples)
        for place, cell in enumerate(cells):
            values = cell[study]
            if len(values) not in looks:
                raise ValueError(f"{len(values)} seeds, but a study is looked at after {looks}")
            pool[place, study] = np.median(values[draws[:, : len(values)]], axis=1)
    chosen = rng.integers(studies, size=(resamples, studies))
    pick = rng.integers(resamples, size=(resamples, studies))
    return np.stack([np.median(medians[chosen, pick], axis=1) for medians in pool])


def percentile_interval(resampled: Array, confidence: float = 0.95) -> Interval:
    """The interval between two order statistics; an end may be infinite."""
    ordered = np.sort(resampled)
    outside = int((1 - confidence) / 2 * len(ordered))
    return Interval(float(ordered[outside]), float(ordered[-1 - outside]))


def _draw_seeds(rng: np.random.Generator, looks: Sequence[int], resamples: int) -> NDArray[np.intp]:
    """Shape [resamples, looks[-1]]: places in the list of seeds."""
    strata = [
        rng.integers(low, high, size=(resamples, high - low))
        for low, high in itertools.pairwise((0, *looks))
    ]
    return np.concatenate(strata, axis=1).astype(np.intp)
