"""From the medians of a ladder's rungs to steps to the target, with intervals.

The medians are fitted by a monotone function of the steps, and its crossing with the target is read
off, linear in log(steps) between two rungs. The interval repeats this on resampled studies and
seeds (`statistics/two_level.py`). A rung that was stopped takes part with the seeds that it has.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.isotonic import crossings, isotonic_fit
from shampoo_tune.tuner.statistics.medians import median
from shampoo_tune.tuner.statistics.two_level import Cell, cell_median, resampled_medians

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ArmEstimate:
    """One arm on a ladder of k budgets, in R studies.

    Attributes:
        medians: shape [k], over studies of their medians over seeds.
        resampled_medians: shape [k, resamples].
        fitted: shape [k], the monotone function of the steps that is nearest to the medians.
        steps: to the target, see `isotonic.crossings`.
        resampled_steps: shape [resamples]; all arms share the draws.
        steps_by_study: shape [R], from each study alone.
    """

    medians: Array
    resampled_medians: Array
    fitted: Array
    steps: float
    resampled_steps: Array
    steps_by_study: Array


@dataclass(frozen=True)
class Estimator:
    """What is the same for all arms of a ladder.

    Attributes:
        budgets: increasing steps.
        target: what is to be reached.
        goal: which direction is better.
        looks: the numbers of seeds that a study may have.
    """

    budgets: Sequence[int]
    target: float
    goal: Goal
    looks: Sequence[int]

    def estimate(
        self, arms: Sequence[Sequence[Cell]], resamples: int = 10_000
    ) -> list[ArmEstimate]:
        """Steps to the target of every arm.

        Args:
            arms: for each, the final values by budget and by study.
            resamples: of the bootstrap.
        """
        cells = [cell for rungs in arms for cell in rungs]
        medians = resampled_medians(cells, self.looks, resamples=resamples)
        by_arm = medians.reshape(len(arms), len(self.budgets), resamples)
        return [self._arm(rungs, drawn) for rungs, drawn in zip(arms, by_arm, strict=True)]

    def _arm(self, rungs: Sequence[Cell], resampled: Array) -> ArmEstimate:
        medians = np.array([cell_median(cell) for cell in rungs])
        by_study = np.array([[median(values) for values in cell] for cell in rungs])
        seeds = np.array([[float(len(values)) for values in cell] for cell in rungs])
        weights = seeds.sum(axis=1)
        return ArmEstimate(
            medians=medians,
            resampled_medians=resampled,
            fitted=isotonic_fit(medians, weights, increasing=self.goal is Goal.MAXIMIZE),
            steps=float(self._cross(medians, weights)),
            resampled_steps=self._cross(resampled.T, weights),
            steps_by_study=np.array(
                [self._cross(m, n) for m, n in zip(by_study.T, seeds.T, strict=True)]
            ),
        )

    def _cross(self, medians: Array, seeds: Array) -> Array:
        """A median counts in the fit by its seeds, for its variance falls with them."""
        return crossings(np.array(self.budgets, float), medians, self.target, self.goal, seeds)
