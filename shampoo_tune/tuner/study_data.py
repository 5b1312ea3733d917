"""A study read back as arrays: what every statistic, table and plot is computed from.

Values keep their natural orientation. An infeasible run is the worst infinity, a run without a
verdict is NaN.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.study import Goal, Objective
from shampoo_tune.tuner.parameters import SearchSpace, Value

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StudyData:
    """One study with all its verdicts.

    Attributes:
        id: of the row.
        name: `group/arm`, with `#r` for replicate r > 0.
        group: the group's name.
        arm: the key in the study file.
        optimizer: what the arm trains with.
        replicate: its number.
        workload: its name.
        description: data set, image size and number of examples.
        metric: what is compared.
        goal: which direction is better.
        objective: which value of a run counts.
        target: what counts as reached, or None.
        steps: of every run.
        eval_every: steps between evaluations.
        trials: points that the budget allows.
        finalists: trials that are run again.
        finalist_seeds: of each.
        seeds: of the winner.
        state: derived from the runs.
        sampler: of the design.
        space: the arm's search space.
        points: hyperparameters by trial number; fewer than `trials` while a sampler is asked.
        units: shape [points, dimensions], places in the unit cube, see `SearchSpace.units`.
        search: shape [points], the objective by search run.
        best_step: shape [points], the step of that value.
        reasons: why search runs are infeasible, by trial.
        finalist_values: trial -> shape [finalist_seeds].
        winner: the trial whose final runs are queued or done.
        final: the objective over the final seeds that were queued, in their order.
        final_test: the test split's metric over the same seeds.
        steps_to_target: over the same seeds; inf if never reached.
        resolution: what one example of the validation split is worth; None for a loss.
        enqueued: points that the file names; any make the study a replication.
    """

    id: int
    name: str
    group: str
    arm: str
    optimizer: str
    replicate: int
    workload: str
    description: str
    metric: str
    goal: Goal
    objective: Objective
    target: float | None
    steps: int
    eval_every: int
    trials: int
    finalists: int
    finalist_seeds: int
    seeds: int
    state: str
    sampler: str
    space: SearchSpace
    points: tuple[Mapping[str, Value], ...]
    units: Array
    search: Array
    best_step: Array
    reasons: Mapping[int, str]
    finalist_values: Mapping[int, Array]
    winner: int | None
    final: Array
    final_test: Array
    steps_to_target: Array
    resolution: float | None
    enqueued: int

    @property
    def replication(self) -> bool:
        """Whether the file names points of its own: then no verdict is about the search."""
        return self.enqueued > 0

    @property
    def worst(self) -> float:
        """The value of an infeasible run."""
        return worst_value(self.goal)

    @property
    def searched(self) -> Array:
        """The search values that are known, in the order of the design."""
        return self.search[~np.isnan(self.search)]

    @property
    def complete(self) -> bool:
        """Whether all that the study will ever measure is there."""
        return self.state == "completed" and not np.isnan(self.final).any()


def worst_value(goal: Goal) -> float:
    """What an infeasible run counts as."""
    return -math.inf if goal is Goal.MAXIMIZE else math.inf
