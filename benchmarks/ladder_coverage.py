"""How often the interval of a ladder covers the truth, and how often equal arms are told apart.

Simulated ladders whose true curve is known; the look-and-stop rule and the estimate are the tuner's
own. `python -m benchmarks.ladder_coverage` prints the table of docs/ladder.md in a few minutes.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.study import Goal
from shampoo_tune.tuner.ladder.estimating import ArmEstimate, Estimator
from shampoo_tune.tuner.ladder.ratios import Crossings, compare_steps
from shampoo_tune.tuner.statistics.looks import looks_at, spending
from shampoo_tune.tuner.statistics.two_level import percentile_interval

BUDGETS = (13, 16, 20, 26, 32, 40)  # of 40 steps and the factor 0.8
LOOKS = looks_at(50)
LIMITS = spending(LOOKS)
TRUTH = 22.0  # between two rungs
TARGET = 0.95
LADDERS = 400


@dataclass(frozen=True)
class Curve:
    """The true median of a tuned optimizer by its budget, and the noise around it.

    Attributes:
        slope: gain for e times the steps, near the truth.
        bend: 0 for a curve linear in log(steps), as the fit takes it to be between rungs; larger
            ones level off.
        seed_noise: standard deviation of a final run.
        study_noise: of a study's winner, which is another one at every rung.
    """

    slope: float = 0.07
    bend: float = 0.0
    seed_noise: float = 0.01
    study_noise: float = 0.0

    def median(self, steps: float) -> float:
        """At the target where the truth is."""
        place = math.log(steps / TRUTH)
        gain = place if self.bend == 0 else (1 - math.exp(-self.bend * place)) / self.bend
        return TARGET + self.slope * gain

    def study(self, rng: np.random.Generator, steps: float) -> NDArray[np.float64]:
        """The final values of one study: fewer than 50 if it was stopped."""
        centre = self.median(steps) + self.study_noise * rng.normal()
        values = centre + self.seed_noise * rng.normal(size=LOOKS[-1])
        for look, limit in zip(LOOKS, LIMITS, strict=False):
            if (values[:look] >= TARGET).sum() <= limit:
                return values[:look]
        return values


def simulate(
    rng: np.random.Generator, curve: Curve, studies: int, speed: float = 1.0
) -> list[ArmEstimate]:
    """Two arms on one ladder; the first needs `1 / speed` times the steps of the second."""
    arms = [
        [[curve.study(rng, steps * s) for _ in range(studies)] for steps in BUDGETS]
        for s in (speed, 1.0)
    ]
    return Estimator(BUDGETS, TARGET, Goal.MAXIMIZE, LOOKS).estimate(arms, resamples=300)


def covers(arm: ArmEstimate) -> bool:
    """Whether the interval holds the truth."""
    interval = percentile_interval(arm.resampled_steps)
    return interval.low <= TRUTH <= interval.high


def claim(first: ArmEstimate, second: ArmEstimate) -> str | None:
    """Which of the two is said to need fewer steps."""
    arms = [_crossings("first", first), _crossings("second", second)]
    return compare_steps(arms, "studies")[0].fewer


def _crossings(name: str, arm: ArmEstimate) -> Crossings:
    return Crossings(
        arm=name,
        value=arm.steps,
        by_study=tuple(arm.steps_by_study),
        resampled=arm.resampled_steps,
        smallest=float(BUDGETS[0]),
        largest=float(BUDGETS[-1]),
    )


def table() -> Iterator[str]:
    """Rows of the page, one per number of studies."""
    yield "| studies | covers, linear in log(steps) | covers, levels off | equal arms told apart |"
    yield "|---|---|---|---|"
    for studies in (1, 3, 4, 5, 8):
        noise = 0.0 if studies == 1 else 0.006
        straight, false_claims = _measure(Curve(study_noise=noise), studies)
        bent, _ = _measure(Curve(bend=2.0, study_noise=noise), studies)
        told = "never said" if studies == 1 else f"{false_claims:.1%}"
        yield f"| {studies} | {straight:.1%} | {bent:.1%} | {told} |"
    ignored, _ = _measure(Curve(study_noise=0.006), 1)
    yield f"one study, if its search is noisy too: {ignored:.1%}"


def _measure(curve: Curve, studies: int) -> tuple[float, float]:
    """Coverage over all arms, and the share of ladders with a claim, of arms that are equal."""
    rng = np.random.default_rng(studies)
    pairs = [simulate(rng, curve, studies) for _ in range(LADDERS // 2)]
    covered = [covers(arm) for pair in pairs for arm in pair]
    claims = [claim(*pair) is not None for pair in pairs] if studies > 1 else []
    return float(np.mean(covered)), float(np.mean(claims)) if claims else 0.0


if __name__ == "__main__":
    for row in table():
        print(row)
