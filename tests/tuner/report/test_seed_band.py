"""The band over steps against order statistics at each step."""

import math

import numpy as np
import pytest

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.measured_curves import Curve, MeasuredCurves
from shampoo_tune.tuner.report.seed_band import SeedBandView, quantiles_table, seed_band
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import WORST, with_final, with_search


def curve(seed: int, steps: list[int], values: list[float]) -> Curve:
    return Curve(0, seed, np.array(steps), np.array(values, float))


def band(base: StudyData, curves: list[Curve], values: list[float], goal: Goal) -> SeedBandView:
    study = with_final(with_search(base, [0.5], goal), values)
    view = seed_band(study, MeasuredCurves({}, tuple(curves), curves[0]))
    assert isinstance(view, SeedBandView)
    return view


@pytest.mark.parametrize("goal", list(Goal))
@pytest.mark.parametrize("n", [1, 4, 7, 20])
def test_quantiles_are_order_statistics_of_each_step(base: StudyData, goal: Goal, n: int) -> None:
    rng = np.random.default_rng(n)
    grid = [5, 10, 15]
    values = rng.random((n, 3))
    view = band(base, [curve(s, grid, row.tolist()) for s, row in enumerate(values)],
                values[:, -1].tolist(), goal)  # fmt: skip
    assert view.steps.tolist() == grid
    for place in range(3):
        ordered = sorted(values[:, place])
        for level, found in zip((0.05, 0.25, 0.75, 0.95), view.quantiles[[0, 1, 3, 4], place],
                                strict=True):  # fmt: skip
            assert found == ordered[math.ceil(level * n - 1e-9) - 1]
        assert view.quantiles[2, place] == pytest.approx(np.median(values[:, place]))


@pytest.mark.parametrize("goal", list(Goal))
def test_a_run_that_diverged_is_the_worst_from_there_on(base: StudyData, goal: Goal) -> None:
    worst = WORST[goal]
    curves = [curve(0, [5, 10], [0.5, 0.6]), curve(1, [5], [0.4])]
    # A third run diverged before its first evaluation, so that it has no curve at all.
    view = band(base, curves, [0.6, worst, worst], goal)
    at_5, at_10 = sorted([0.5, 0.4, worst]), sorted([0.6, worst, worst])
    assert view.quantiles[2].tolist() == [at_5[1], at_10[1]]
    assert view.seeds == 3
    assert quantiles_table(view).rows[1][3] == "infeasible"


def test_without_a_measured_final_run_there_is_no_band(base: StudyData) -> None:
    study = with_search(base, [0.5])
    assert isinstance(seed_band(study, MeasuredCurves({}, (), None)), Absent)
