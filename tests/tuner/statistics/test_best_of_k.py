"""Best of k, against all subsets."""

import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.best_of_k import best_of_k

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
INFINITE = st.one_of(st.floats(-10, 10), st.sampled_from([math.inf, -math.inf]))
WHOLE = st.lists(st.integers(-20, 20).map(float), min_size=1, max_size=8)


def of_all_subsets(values: list[float], k: int, goal: Goal) -> list[float]:
    best = max if goal is Goal.MAXIMIZE else min
    return sorted(best(subset) for subset in combinations(values, k))


@given(WHOLE, st.integers(1, 8), st.sampled_from(Goal))
def test_it_equals_the_enumeration_of_all_subsets(values: list[float], k: int, goal: Goal) -> None:
    k = min(k, len(values))
    every = of_all_subsets(values, k, goal)
    found = best_of_k(values, k, goal, LEVELS)
    assert found.expected == pytest.approx(np.mean(every))
    expected = [every[max(0, math.ceil(level * len(every) - 1e-6) - 1)] for level in LEVELS]
    assert found.quantiles == tuple(expected)


@given(WHOLE, st.sampled_from(Goal))
def test_it_is_better_with_more_trials(values: list[float], goal: Goal) -> None:
    sign = 1 if goal is Goal.MAXIMIZE else -1
    curve = [best_of_k(values, k, goal).expected for k in range(1, len(values) + 1)]
    assert all(value is not None for value in curve)
    assert (sign * np.diff(np.array(curve, float)) >= -1e-9).all()
    assert curve[-1] == (max if goal is Goal.MAXIMIZE else min)(values)


@given(WHOLE, st.integers(1, 8))
def test_both_goals_mirror_each_other(values: list[float], k: int) -> None:
    k = min(k, len(values))
    up = best_of_k(values, k, Goal.MAXIMIZE, (0.5,))
    down = best_of_k([-value for value in values], k, Goal.MINIMIZE, (0.5,))
    assert up.expected is not None
    assert down.expected == pytest.approx(-up.expected)


def test_a_subset_of_infeasible_trials_only_has_no_expected_value() -> None:
    values = [-math.inf, -math.inf, 1.0, 2.0]
    assert best_of_k(values, 2, Goal.MAXIMIZE).expected is None
    assert best_of_k(values, 3, Goal.MAXIMIZE).expected == pytest.approx((1 + 2 + 2 + 2) / 4)
    assert best_of_k(values, 1, Goal.MAXIMIZE, (0.4, 0.6)).quantiles == (-math.inf, 1.0)


def test_even_the_least_likely_infeasible_subset_counts() -> None:
    """Of 10,000 trials 300 are infeasible: a subset of 300 is those with a chance of 1e-573."""
    values = [math.inf] * 300 + [1.0] * 9700
    assert best_of_k(values, 300, Goal.MINIMIZE).expected is None
    assert best_of_k(values, 301, Goal.MINIMIZE).expected == pytest.approx(1)
    assert best_of_k(values, 300, Goal.MINIMIZE).quantiles == (1.0,) * 5


@given(st.lists(INFINITE, min_size=1, max_size=12), st.integers(1, 12), st.sampled_from(Goal))
def test_infinities_never_give_nan_and_order_does_not_matter(
    values: list[float], k: int, goal: Goal
) -> None:
    k = min(k, len(values))
    found = best_of_k(values, k, goal)
    assert found == best_of_k(values[::-1], k, goal)
    assert found.expected is None or math.isfinite(found.expected)
    assert set(found.quantiles) <= set(values)
    assert list(found.quantiles) == sorted(found.quantiles)


def test_ten_thousand_trials_do_not_overflow() -> None:
    values = np.arange(10_000.0)
    found = best_of_k(values, 100, Goal.MAXIMIZE)
    assert found.expected == pytest.approx(100 * 10_001 / 101 - 1)  # of 0 ... n - 1


@pytest.mark.parametrize("k", [0, 4])
def test_k_is_a_number_of_trials(k: int) -> None:
    with pytest.raises(ValueError, match="k must be in"):
        best_of_k([1.0, 2.0, 3.0], k, Goal.MAXIMIZE)
