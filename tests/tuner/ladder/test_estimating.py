"""Steps to the target from simulated ladders whose true curve is known: does the interval cover?"""

import math

import numpy as np
import pytest

from benchmarks.ladder_coverage import (
    BUDGETS,
    LOOKS,
    TARGET,
    TRUTH,
    Curve,
    claim,
    covers,
    simulate,
)
from shampoo_tune.study import Goal
from shampoo_tune.tuner.ladder.estimating import Estimator
from shampoo_tune.tuner.statistics.two_level import percentile_interval


@pytest.mark.parametrize(("studies", "study_noise"), [(1, 0.0), (5, 0.006)])
def test_the_interval_covers_the_truth(studies: int, study_noise: float) -> None:
    """At least 90 % of 200 ladders: over seeds of one configuration, and over five studies."""
    rng = np.random.default_rng(studies)
    curve = Curve(study_noise=study_noise)
    arms = [arm for _ in range(100) for arm in simulate(rng, curve, studies)]
    assert sum(map(covers, arms)) >= 180
    assert np.median([arm.steps for arm in arms]) == pytest.approx(TRUTH, rel=0.02)


def test_equal_arms_are_rarely_told_apart_and_unequal_ones_often() -> None:
    rng = np.random.default_rng(0)

    def claims(speed: float) -> list[str | None]:
        pairs = [simulate(rng, Curve(study_noise=0.006), 4, speed) for _ in range(60)]
        return [claim(*pair) for pair in pairs]

    assert claims(1.0).count(None) >= 54
    assert claims(1.4).count("first") >= 45


def test_the_goal_may_be_to_minimise() -> None:
    rng = np.random.default_rng(5)
    cells = [[Curve().study(rng, steps)] for steps in BUDGETS]
    (up,) = Estimator(BUDGETS, TARGET, Goal.MAXIMIZE, LOOKS).estimate([cells], resamples=200)
    mirrored = [[-values for values in cell] for cell in cells]
    (down,) = Estimator(BUDGETS, -TARGET, Goal.MINIMIZE, LOOKS).estimate([mirrored], resamples=200)
    assert down.steps == pytest.approx(up.steps)
    assert down.resampled_steps == pytest.approx(up.resampled_steps)


def test_studies_that_never_reach_leave_the_interval_open() -> None:
    cells = [[np.full(50, 0.5)] for _ in BUDGETS]
    (arm,) = Estimator(BUDGETS, TARGET, Goal.MAXIMIZE, LOOKS).estimate([cells], resamples=50)
    assert arm.steps == math.inf
    assert percentile_interval(arm.resampled_steps).high == math.inf
