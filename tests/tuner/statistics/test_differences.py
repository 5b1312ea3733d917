"""Differences of two configurations over the same seeds, against loops over all pairs."""

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shampoo_tune.tuner.statistics.differences import (
    holm,
    paired_median_difference,
    probability_lower,
    sign_test_paired,
)
from shampoo_tune.tuner.statistics.medians import median

INFINITE = st.one_of(st.floats(-10, 10), st.sampled_from([math.inf, -math.inf]))
LISTS = st.lists(INFINITE, min_size=1, max_size=12)


def test_the_bootstrap_is_that_of_all_resamples() -> None:
    """Three pairs have 27 resamples; many draws find the same distribution."""
    a, b = np.array([1.0, 5.0, 9.0]), np.array([2.0, 3.0, 4.0])
    every = sorted(
        np.median(a[list(draw)]) - np.median(b[list(draw)]) for draw in product(range(3), repeat=3)
    )
    found = paired_median_difference(a, b, confidence=0.5)
    assert found.estimate == 2.0
    assert found.low == pytest.approx(every[math.floor(0.25 * 27)])
    assert found.high == pytest.approx(every[27 - 1 - math.floor(0.25 * 27)])


@given(st.lists(st.tuples(INFINITE, INFINITE), min_size=1, max_size=12))
def test_infinities_never_give_nan(pairs: list[tuple[float, float]]) -> None:
    a, b = zip(*pairs, strict=True)
    found = paired_median_difference(a, b, resamples=50)
    for end in (found.estimate, found.low, found.high):
        assert end is None or not math.isnan(end)
    if found.low is not None and found.high is not None:
        assert found.low <= found.high


def test_an_end_that_undetermined_resamples_could_move_is_undetermined() -> None:
    a = [-math.inf] * 5 + [1.0] * 6
    found = paired_median_difference(a, a)
    assert found.estimate == 0.0
    assert found.low is None
    assert found.high is None


@given(st.lists(st.tuples(INFINITE, INFINITE), min_size=1, max_size=12))
def test_swapped_arms_swap_the_ends(pairs: list[tuple[float, float]]) -> None:
    a, b = zip(*pairs, strict=True)
    forth = paired_median_difference(a, b, resamples=40)
    back = paired_median_difference(b, a, resamples=40)
    for end, other in ((forth.estimate, back.estimate), (forth.low, back.high)):
        assert (end is None) == (other is None)
        assert end is None or other is None or end == -other


@given(st.lists(st.tuples(INFINITE, INFINITE), min_size=1, max_size=9), st.integers(0, 99))
def test_the_ends_are_those_of_a_plain_loop(pairs: list[tuple[float, float]], seed: int) -> None:
    """Each end is the same whatever any undetermined resample is taken for, or None."""
    a, b = (np.array(values) for values in zip(*pairs, strict=True))
    draws = np.random.default_rng(seed).integers(len(a), size=(41, len(a)))
    ends = []
    for undetermined in (-math.inf, math.inf):
        resampled = []
        for draw in draws:
            first, second = median(a[draw]), median(b[draw])
            same = math.isinf(first) and first == second
            resampled.append(undetermined if same else first - second)
        ends.append((sorted(resampled)[1], sorted(resampled)[-2]))
    found = paired_median_difference(a, b, resamples=41, seed=seed)
    for end, one, other in zip((found.low, found.high), *ends, strict=True):
        assert end == (one if one == other else None)


def test_a_resample_with_an_infeasible_middle_value_is_infinite() -> None:
    """Of two runs one is infeasible: so are three of four resamples' medians."""
    found = paired_median_difference([-math.inf, 3.0], [0.0, 0.0], confidence=0.2)
    assert (found.estimate, found.low, found.high) == (-math.inf, -math.inf, -math.inf)


def test_steps_to_target_that_too_few_seeds_reach_are_infinite() -> None:
    reached, missed = [25.0] * 50, [30.0] * 20 + [math.inf] * 30
    found = paired_median_difference(missed, reached)
    assert (found.estimate, found.high) == (math.inf, math.inf)
    assert paired_median_difference(missed, missed).estimate is None


def test_the_same_seed_makes_the_same_interval() -> None:
    a, b = np.random.default_rng(0).normal(size=(2, 20))
    assert paired_median_difference(a, b) == paired_median_difference(a, b)
    assert paired_median_difference(a, b) != paired_median_difference(a, b, seed=1)


def test_few_infeasible_runs_leave_the_interval_finite() -> None:
    a = [-math.inf] + [1.0 + i for i in range(49)]
    found = paired_median_difference(a, [value - 0.5 for value in a])
    assert (found.estimate, found.low, found.high) == (0.5, 0.5, 0.5)


@given(LISTS, LISTS)
def test_the_effect_size_is_the_share_of_all_pairs(a: list[float], b: list[float]) -> None:
    pairs = [1.0 if x < y else 0.5 if x == y else 0.0 for x, y in product(a, b)]
    assert probability_lower(a, b) == pytest.approx(sum(pairs) / len(pairs))
    assert probability_lower(a, b) + probability_lower(b, a) == pytest.approx(1)


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=12), st.integers(1, 10))
def test_the_effect_size_is_scipys_u(values: list[int], cut: int) -> None:
    cut = min(cut, len(values) - 1)
    a, b = values[:cut], values[cut:]
    expected = stats.mannwhitneyu(b, a).statistic / (len(a) * len(b))
    assert probability_lower(a, b) == pytest.approx(expected)


def test_the_sign_test_drops_ties() -> None:
    a, b = [1.0, 2.0, 3.0, 4.0, 5.0, 7.0], [1.0, 1.0, 1.0, 1.0, 1.0, 9.0]
    assert sign_test_paired(a, b) == stats.binomtest(4, 5).pvalue
    assert sign_test_paired(a, a) == 1.0
    assert sign_test_paired(a, b) == sign_test_paired(b, a)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 5))
def test_the_sign_test_is_the_binomial_one(above: int, below: int, ties: int) -> None:
    a = [math.inf] * above + [-math.inf] * below + [math.inf] * ties
    b = [0.0] * (above + below) + [math.inf] * ties
    if a:
        n = above + below
        tail = sum(math.comb(n, k) for k in range(min(above, below) + 1)) / 2**n
        assert sign_test_paired(a, b) == pytest.approx(min(1, 2 * tail))


@pytest.mark.parametrize("bad", [-0.1, 1.1, math.nan])
def test_holm_takes_p_values(bad: float) -> None:
    with pytest.raises(ValueError, match="in \\[0, 1\\]"):
        holm([0.5, bad])


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]).size == 0
    assert holm([0.6, 0.9]) == pytest.approx([1.0, 1.0])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_adjusted_p_values_keep_their_order_and_never_shrink(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert (adjusted >= np.array(p_values) - 1e-15).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p_values)]) >= 0).all()


def test_a_pair_is_a_pair() -> None:
    with pytest.raises(ValueError, match="as many values"):
        paired_median_difference([1.0], [1.0, 2.0])
