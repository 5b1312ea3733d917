"""The protocol on a surface whose truth is known exactly, ten thousands of studies in seconds.

The value of a point u of the unit cube is a quadratic,

    value(u) = top - gap - sum_j curvature_j (u_j - optimum_j)^2,

a run adds noise whose standard deviation grows with the loss, a share of it common to all runs of
the same seed, and diverges with a probability that goes from 0 to 1 along a diagonal edge, as it
does where learning rate and momentum are large. Designs, ranking and seeds are the protocol's.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from benchmarks.protocol_rules import Studies
from benchmarks.protocol_selection import RUNS, Candidates
from shampoo_tune.study import Budget
from shampoo_tune.tuner.design import design

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Surface:
    """One arm; the defaults resemble the pool's plain arm.

    Attributes:
        gap: what the arm is worse than the best one.
        top: the best value.
        optimum: its place.
        curvature: the loss at distance 1, of each coordinate.
        noise: standard deviation over seeds at the optimum.
        growth: how much of the loss is added to it.
        shared: share of the noise's variance that arms have in common, seed by seed.
        edge: half of the runs diverge where the first two coordinates add up to this.
        width: of the edge.
    """

    gap: float = 0.0
    top: float = 0.941
    optimum: tuple[float, ...] = (0.4, 0.4, 0.5)
    curvature: tuple[float, ...] = (0.6, 0.25, 0.05)
    noise: float = 0.0125
    growth: float = 0.05
    shared: float = 0.2
    edge: float = 1.2
    width: float = 0.02

    def value(self, units: Array) -> Array:
        """Shape [..., dimensions] -> [...]: the median of the runs that do not diverge."""
        distance = (units - np.array(self.optimum)) ** 2 @ np.array(self.curvature)
        return np.asarray(self.top - self.gap - distance)

    def deviation(self, units: Array) -> Array:
        """Shape [..., dimensions] -> [...]: of a run's value."""
        loss = self.top - self.gap - self.value(units)
        return np.asarray(self.noise + self.growth * loss)

    def divergence(self, units: Array) -> Array:
        """Shape [..., dimensions] -> [...]: the probability that a run diverges."""
        return np.asarray(special.expit((units[..., 0] + units[..., 1] - self.edge) / self.width))

    def median(self, units: Array) -> Array:
        """Shape [..., dimensions] -> [...]: of all runs, diverged ones the worst; exact."""
        diverged = self.divergence(units)
        with np.errstate(divide="ignore", invalid="ignore"):
            quantile = special.ndtri((0.5 - diverged) / (1 - diverged))
        median = self.value(units) + self.deviation(units) * quantile
        return np.where(diverged < 0.5, median, -np.inf)

    def runs(self, units: Array, common: Array, rng: np.random.Generator) -> Array:
        """One run for each point; `common` is the seeds' share of the noise, the same shape."""
        own = rng.standard_normal(common.shape)
        noise = np.sqrt(self.shared) * common + np.sqrt(1 - self.shared) * own
        values = self.value(units) + self.deviation(units) * noise
        return np.where(rng.random(common.shape) < self.divergence(units), -np.inf, values)


@dataclass(frozen=True)
class Simulation:
    """Studies with their truth.

    Attributes:
        studies: what the protocol saw.
        truth: shape [studies]: the true median of each winner.
        candidates: the best trials with more seeds.
    """

    studies: Studies
    truth: Array
    candidates: Candidates


def designs(replicates: range, budget: Budget, dimensions: int) -> Array:
    """Shape [replicates, trials, dimensions]; arms share them as they share seeds."""
    return np.array([design(dimensions, budget.trials, "halton", 0, r) for r in replicates])


def simulate(surface: Surface, units: Array, budget: Budget, seed: int, arm: int) -> Simulation:
    """Whole studies of one arm.

    Args:
        surface: the arm.
        units: shape [studies, trials, dimensions].
        budget: finalists, seeds.
        seed: of what arms have in common, such as replicate for replicate the same seeds.
        arm: its number, for what they have not.
    """
    seeds = np.random.default_rng(seed)
    own = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(arm,)))
    studies, rows = len(units), np.arange(len(units))
    search = surface.runs(units, seeds.standard_normal(units.shape[:2]), own)
    ranking = np.argsort(-search, axis=1, kind="stable")
    few = seeds.standard_normal((studies, 1, RUNS))
    many = seeds.standard_normal((studies, budget.seeds))
    # The finalists' runs are the first of the candidates': the same trials, the same seeds.
    best = np.take_along_axis(units, ranking[:, : max(8, budget.finalists), None], axis=1)
    values = surface.runs(best[:, :, None], np.broadcast_to(few, (*best.shape[:2], RUNS)), own)
    rerun = values[:, :, : budget.finalist_seeds]
    place = np.argmax(np.median(rerun[:, : budget.finalists], axis=2), axis=1)
    winner = best[rows, place]
    final = surface.runs(winner[:, None], many, own)
    return Simulation(
        studies=Studies.of(search, rerun[:, 0], final),
        truth=surface.median(winner),
        candidates=Candidates(values, np.zeros_like(values), surface.median(best)),
    )
