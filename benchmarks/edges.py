"""How often the boundary check speaks, with and without something to say.

`python -m benchmarks.intervals` prints these figures beside those of the intervals.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.study import Goal
from shampoo_tune.tuner.design import design
from shampoo_tune.tuner.statistics.boundary import EdgeFinding, Flag, boundary_check

Array = NDArray[np.float64]
Landscape = Callable[[Array, np.random.Generator], Array]  # units [n, d] -> losses [n]

_NOISE = 0.02  # of a seed; the bowl rises by 0.25 from its middle to a side


@dataclass(frozen=True)
class Question:
    """A kind of study, and the flag that is counted.

    Attributes:
        name: what is true of these studies.
        flag: what is counted.
        at_edge: whether only at the high end of the first parameter; else anywhere in a study.
        landscape: makes the losses.
    """

    name: str
    flag: Flag
    at_edge: bool
    landscape: Landscape


def bowl(first: float) -> Landscape:
    """A quadratic with its optimum at `first` in the first parameter, in the middle of the rest."""

    def losses(units: Array, rng: np.random.Generator) -> Array:
        centre = np.r_[first, np.full(units.shape[1] - 1, 0.5)]
        noise = _NOISE * rng.normal(size=len(units))
        return np.asarray(((units - centre) ** 2).sum(axis=1) + noise)

    return losses


def noise(units: Array, rng: np.random.Generator) -> Array:
    """No parameter matters."""
    return rng.normal(size=len(units))


def few_values(units: Array, rng: np.random.Generator) -> Array:
    """No parameter matters, and many trials are equally good."""
    return np.round(2 * noise(units, rng))


def infeasible_past(edge: float, losses: Landscape) -> Landscape:
    """The same, but infeasible where the first parameter is larger than `edge`."""
    return lambda units, rng: np.where(units[:, 0] > edge, math.inf, losses(units, rng))


def infeasible_at_random(share: float, losses: Landscape) -> Landscape:
    """The same, but a share of the trials is infeasible wherever they lie."""
    return lambda units, rng: np.where(rng.random(len(units)) < share, math.inf, losses(units, rng))


FALSE_ALARMS = (
    Question("no parameter matters", "expand", False, noise),
    Question("the same, with many ties", "expand", False, few_values),
    Question("the same, a fifth infeasible", "expand", False, infeasible_at_random(0.2, noise)),
    Question("no parameter matters", "info", False, noise),
    Question("optimum in the middle", "expand", False, bowl(0.5)),
    Question("optimum at 0.3", "expand", False, bowl(0.3)),
    Question("a fifth infeasible at random", "stability limit", False,
             infeasible_at_random(0.2, noise)),
    Question("half infeasible at random", "stability limit", False,
             infeasible_at_random(0.5, noise)),
    Question("optimum in the middle, infeasible past 0.8", "stability limit", False,
             infeasible_past(0.8, bowl(0.5))),
)  # fmt: skip
DETECTION = (
    Question("optimum on the edge", "expand", True, bowl(1.0)),
    Question("optimum a quarter of the range beyond", "expand", True, bowl(1.25)),
    Question("optimum half the range beyond", "expand", True, bowl(1.5)),
    Question("optimum at 1, infeasible past 0.7", "stability limit", True,
             infeasible_past(0.7, bowl(1.0))),
    Question("optimum at 1, infeasible past 0.95", "stability limit", True,
             infeasible_past(0.95, bowl(1.0))),
)  # fmt: skip


def share_flagged(question: Question, dimensions: int, trials: int, studies: int) -> float:
    """In how many of the studies, each a Halton design of its own, the flag is raised."""
    flagged = 0
    for study in range(studies):
        units = design(dimensions, trials, "halton", 0, study)
        losses = question.landscape(units, np.random.default_rng(study))
        findings = boundary_check(units, losses, Goal.MINIMIZE)
        flagged += any(_counts(finding, question) for finding in findings)
    return flagged / studies


def _counts(finding: EdgeFinding, question: Question) -> bool:
    here = (finding.dimension, finding.side) == (0, "high")
    return finding.flag == question.flag and (here or not question.at_edge)
