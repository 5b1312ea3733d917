"""The boundary check: silent when nothing is there, loud at a cut-off optimum."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import qmc

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.boundary import boundary_check

Array = NDArray[np.float64]


def halton(dimensions: int, n: int, seed: int) -> Array:
    return np.asarray(qmc.Halton(dimensions, rng=np.random.default_rng(seed)).random(n))


def share_of_alarms(dimensions: int, n: int, optimum: float | None, studies: int = 300) -> float:
    """How many studies show any `expand`; without an optimum the values are pure noise."""
    alarms = 0
    for seed in range(studies):
        units, rng = halton(dimensions, n, seed), np.random.default_rng(seed)
        values = rng.normal(size=n)
        if optimum is not None:
            values = 0.02 * values - ((units - optimum) ** 2).sum(axis=1)
        alarms += any(f.flag == "expand" for f in boundary_check(units, values, Goal.MAXIMIZE))
    return alarms / studies


@pytest.mark.parametrize("dimensions", [2, 5])
@pytest.mark.parametrize("n", [20, 100])
@pytest.mark.parametrize("optimum", [None, 0.5])
def test_false_alarms_are_under_five_percent_of_studies(
    dimensions: int, n: int, optimum: float | None
) -> None:
    assert share_of_alarms(dimensions, n, optimum) < 0.05


def test_an_optimum_beyond_the_edge_is_found() -> None:
    found = 0
    for seed in range(100):
        units = halton(5, 100, seed)
        distances = units - np.array([1.2, 0.5, 0.5, 0.5, 0.5])
        findings = boundary_check(units, (distances**2).sum(axis=1), Goal.MINIMIZE)
        flags = {(f.dimension, f.side): f.flag for f in findings}
        found += flags[0, "high"] == "expand"
        assert flags[0, "low"] is None
    assert found >= 60


def test_the_range_is_to_go_half_its_length_further() -> None:
    units = np.linspace(0.005, 0.995, 100)[:, None]
    (low, high) = boundary_check(units, units[:, 0], Goal.MAXIMIZE)
    assert (high.flag, high.suggested_unit, high.count, high.considered) == ("expand", 1.5, 10, 10)
    assert (low.flag, low.suggested_unit, low.count) == (None, None, 0)
    (low, high) = boundary_check(units, units[:, 0], Goal.MINIMIZE)
    assert (low.flag, low.suggested_unit) == ("expand", -0.5)


def test_best_trials_beside_infeasible_ones_are_at_a_limit_of_stability() -> None:
    units = np.linspace(0.005, 0.995, 100)[:, None]
    values = np.where(units[:, 0] > 0.8, -math.inf, units[:, 0])
    (low, high) = boundary_check(units, values, Goal.MAXIMIZE)
    assert high.flag == "stability limit"
    assert high.suggested_unit is None
    assert low.flag is None


@pytest.mark.parametrize("infeasible", [1, 2, 3, 10])
def test_a_limit_is_only_named_if_chance_does_not_explain_it(infeasible: int) -> None:
    """That all infeasible of 40 are those at the edge has a chance of 1 in C(40, infeasible)."""
    level = 2 / math.comb(40, infeasible)  # of a study of two sides
    units = np.linspace(0.0125, 0.9875, 40)[:, None]
    values = units[:, 0].copy()
    values[-infeasible:] = -math.inf
    for alpha, named in ((0.99 * level, False), (1.01 * level, True)):
        (_, high) = boundary_check(units, values, Goal.MAXIMIZE, alpha)
        assert (high.flag == "stability limit") is named
        # Trials in which the parameter is inactive say nothing of it.
        inactive = np.r_[units, np.full((40, 1), math.nan)], np.r_[values, np.zeros(40)]
        (_, high) = boundary_check(*inactive, Goal.MAXIMIZE, alpha)
        assert (high.flag == "stability limit") is named


def test_infeasible_trials_far_from_the_best_are_no_limit() -> None:
    units = np.linspace(0.005, 0.995, 100)[:, None]
    values = np.where(units[:, 0] > 0.8, -math.inf, -((units[:, 0] - 0.4) ** 2))
    assert [f.flag for f in boundary_check(units, values, Goal.MAXIMIZE)] == [None, None]


@given(st.integers(0, 2**32), st.integers(5, 40), st.integers(0, 5), st.sampled_from(Goal))
def test_mirrored_studies_have_mirrored_findings(
    seed: int, n: int, infeasible: int, goal: Goal
) -> None:
    """Turned units swap the sides, other goals and orders change nothing."""
    rng = np.random.default_rng(seed)
    worst = -math.inf if goal is Goal.MAXIMIZE else math.inf
    # Multiples of 1/64, so that 1 - u is exact.
    units, values = rng.integers(65, size=(n, 2)) / 64, rng.permutation(n).astype(float)
    values[:infeasible] = worst
    found = boundary_check(units, values, goal)
    order = rng.permutation(n)
    assert boundary_check(units[order], values[order], goal) == found
    other = Goal.MINIMIZE if goal is Goal.MAXIMIZE else Goal.MAXIMIZE
    assert boundary_check(units, -values, other) == found
    turned = {(f.dimension, f.side): f for f in boundary_check(1 - units, values, goal)}
    for finding in found:
        mirror = turned[finding.dimension, "high" if finding.side == "low" else "low"]
        assert (mirror.count, mirror.p_value, mirror.flag) == (
            finding.count,
            finding.p_value,
            finding.flag,
        )


def test_values_and_units_belong_together() -> None:
    with pytest.raises(ValueError, match="shape"):
        boundary_check(np.zeros((3, 2)), [1.0, 2.0], Goal.MAXIMIZE)
    with pytest.raises(ValueError, match="NaN"):
        boundary_check(np.zeros((2, 2)), [1.0, math.nan], Goal.MAXIMIZE)


@pytest.mark.parametrize(("n", "best"), [(3, 3), (20, 5), (50, 5), (51, 6), (95, 10), (200, 20)])
def test_the_best_are_a_tenth_but_five_at_least(n: int, best: int) -> None:
    units = np.linspace(0.01, 0.99, n + 7)[:, None]
    values = np.r_[np.arange(float(n)), [math.inf] * 7]
    assert {f.considered for f in boundary_check(units, values, Goal.MINIMIZE)} == {best}


def test_a_single_best_trial_at_the_edge_is_only_information() -> None:
    rng = np.random.default_rng(0)
    units = halton(1, 100, 0)
    values = rng.normal(size=100)
    values[np.argmax(units[:, 0])] = 10.0
    (_, high) = boundary_check(units, values, Goal.MAXIMIZE)
    assert high.flag == "info"


@pytest.mark.parametrize(("place", "flag"), [(0.04, "info"), (0.06, None)])
def test_near_the_edge_is_the_last_twentieth(place: float, flag: str | None) -> None:
    units = np.r_[place, np.linspace(0.2, 0.8, 30)][:, None]
    (low, high) = boundary_check(units, np.arange(31.0), Goal.MINIMIZE)
    assert (low.flag, high.flag) == (flag, None)


def test_an_infeasible_trial_beside_a_feasible_one_is_not_beyond_it() -> None:
    """All lie on the same two places, as those of a range of two whole numbers may."""
    units = np.repeat([0.25, 0.75], 20)[:, None]
    values = np.r_[np.arange(20.0), np.full(19, -math.inf), 30.0]
    assert [f.flag for f in boundary_check(units, values, Goal.MAXIMIZE)] == [None, None]


def test_inactive_parameters_are_left_out() -> None:
    units = np.column_stack([halton(1, 60, 3)[:, 0], np.full(60, math.nan)])
    findings = boundary_check(units, np.arange(60.0), Goal.MAXIMIZE)
    assert [(f.considered, f.flag) for f in findings if f.dimension == 1] == [(0, None)] * 2


def test_studies_without_a_feasible_trial_have_nothing_to_say() -> None:
    findings = boundary_check(halton(2, 5, 0), [-math.inf] * 5, Goal.MAXIMIZE)
    assert all(finding.flag is None for finding in findings)
