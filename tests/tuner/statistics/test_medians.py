"""The median and its interval, against scipy and by enumeration."""

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shampoo_tune.storage.median_ranks import low_rank
from shampoo_tune.tuner.statistics.medians import median, median_interval

VALUES = st.lists(
    st.one_of(st.floats(-1e6, 1e6), st.just(math.inf), st.just(-math.inf)), min_size=1, max_size=60
)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60))
def test_of_finite_values_it_is_numpys(values: list[float]) -> None:
    assert median(values) == pytest.approx(float(np.median(values)), rel=1e-12, abs=1e-12)


@given(VALUES)
def test_it_is_never_nan_and_blind_to_order(values: list[float]) -> None:
    assert not math.isnan(median(values))
    assert median(values) == median(values[::-1]) == median(sorted(values))


@given(VALUES)
def test_it_changes_its_sign_with_the_values(values: list[float]) -> None:
    ordered = sorted(values)
    low, high = ordered[(len(ordered) - 1) // 2], ordered[len(ordered) // 2]
    if not (math.isinf(low) and math.isinf(high) and low != high):
        assert median([-value for value in values]) == -median(values)


def test_half_of_the_runs_infeasible_make_it_infinite() -> None:
    assert median([1.0, 2.0, -math.inf, -math.inf]) == -math.inf
    assert median([1.0, 2.0, math.inf, math.inf]) == math.inf
    assert median([1.0, 2.0, 3.0, math.inf]) == 2.5
    assert median([1.0, 2.0, 3.0, math.inf, math.inf]) == 3.0


@pytest.mark.parametrize("bad", [[], [math.nan], [1.0, math.nan], [[1.0]]])
def test_runs_without_a_verdict_are_refused(bad: list[float]) -> None:
    with pytest.raises(ValueError):
        median(bad)


@pytest.mark.parametrize("n", [*range(1, 31), 50, 51, 100, 500])
def test_the_interval_has_the_ranks_that_sql_uses(n: int) -> None:
    interval, rank = median_interval(np.arange(1, n + 1)), low_rank(n)
    assert (interval is None) == (rank is None)
    if interval is not None and rank is not None:
        assert (interval.low, interval.high) == (rank, n + 1 - rank)


@pytest.mark.parametrize("n", [6, 7, 20, 50])
def test_the_interval_is_scipys(n: int) -> None:
    values = np.random.default_rng(n).normal(size=n)
    expected: Any = stats.quantile_test(values, q=0, p=0.5).confidence_interval(0.95)
    interval = median_interval(values)
    assert interval is not None
    assert (interval.low, interval.high) == (expected.low, expected.high)


def test_its_coverage_is_exact_by_enumeration() -> None:
    """Every value is above or below the true median with probability 1/2: 2 ** n patterns."""
    n = 9
    below = np.array([sum(pattern) for pattern in product((0, 1), repeat=n)])
    rank = low_rank(n)
    assert rank == 2
    covered = (below >= rank) & (below <= n - rank)
    assert covered.mean() == pytest.approx(0.9609375)


def test_infeasible_runs_reach_the_end_of_the_interval() -> None:
    interval = median_interval([-math.inf] * 18 + [1.0] * 32)
    assert interval is not None
    assert (interval.low, interval.high) == (-math.inf, 1.0)
