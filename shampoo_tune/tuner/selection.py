"""Choosing trials: the finalists after the search, the winner after the finalists' runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from shampoo_tune.study import Goal


@dataclass(frozen=True)
class Scored:
    """What decides between trials.

    Attributes:
        trial: its number.
        value: median of the objective over the runs of a phase; None if it falls on an infeasible
            run, which is the worst value.
        validation_loss: median over the same runs; decides ties; None is the worst.
    """

    trial: int
    value: float | None
    validation_loss: float | None


def best_trials(scored: Sequence[Scored], goal: Goal, count: int) -> list[int]:
    """The numbers of the `count` best trials, best first; fewer if there are fewer.

    Ties in value go to the lower validation loss, then to the earlier point of the design.
    """
    return [s.trial for s in sorted(scored, key=lambda s: _badness(s, goal))[:count]]


def _badness(scored: Scored, goal: Goal) -> tuple[float, float, int]:
    sign = -1.0 if goal is Goal.MAXIMIZE else 1.0
    value = math.inf if scored.value is None else sign * scored.value
    loss = math.inf if scored.validation_loss is None else scored.validation_loss
    return value, loss, scored.trial
