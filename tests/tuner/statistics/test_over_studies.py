"""Intervals over studies: Student's, and the only place where "better" may come from."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.over_studies import (
    better,
    difference_over_studies,
    study_interval,
)


def test_the_interval_is_students() -> None:
    values = np.array([0.93, 0.95, 0.96, 0.91])
    found = study_interval(values)
    expected = stats.ttest_1samp(values, 0)
    interval = expected.confidence_interval()
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.p_value == pytest.approx(expected.pvalue)


def test_differences_are_paired_by_replicate() -> None:
    first, second = np.array([0.9, 0.8, 0.7]), np.array([0.89, 0.78, 0.69])
    found = difference_over_studies(first, second)
    assert found.p_value == pytest.approx(stats.ttest_rel(first, second).pvalue)
    assert found.estimate == pytest.approx(0.04 / 3)


@pytest.mark.parametrize("values", [[0.5], [0.5, 0.6], [0.5, 0.6, -math.inf]])
def test_too_few_or_infinite_studies_have_no_interval(values: list[float]) -> None:
    found = study_interval(values)
    assert (found.low, found.high, found.p_value) == (None, None, None)
    assert better(found, Goal.MAXIMIZE, None) is None


def test_equal_differences_give_an_interval_of_no_width() -> None:
    same = difference_over_studies([0.5, 0.25, 0.125], [0.5, 0.25, 0.125])
    assert (same.low, same.high, same.p_value) == (0, 0, 1)
    shifted = difference_over_studies([1.5, 1.25, 1.125], [0.5, 0.25, 0.125])
    assert (shifted.low, shifted.high, shifted.p_value) == (1, 1, 0)
    assert better(same, Goal.MAXIMIZE, 1.0) is None
    assert better(shifted, Goal.MAXIMIZE, 0.0) == "first"
    assert better(shifted, Goal.MINIMIZE, 0.0) == "second"


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=12))
def test_better_is_only_said_when_the_interval_excludes_zero(
    pairs: list[tuple[float, float]],
) -> None:
    a, b = zip(*pairs, strict=True)
    found = difference_over_studies(a, b)
    assert found.low is not None
    assert found.high is not None
    verdict = better(found, Goal.MAXIMIZE, found.p_value)
    if found.low <= 0 <= found.high:
        assert verdict is None
    elif verdict is not None:
        assert verdict == ("first" if found.low > 0 else "second")
        opposite = better(difference_over_studies(b, a), Goal.MAXIMIZE, found.p_value)
        assert opposite == ("second" if verdict == "first" else "first")


def test_the_adjusted_p_value_has_a_say() -> None:
    found = difference_over_studies([1.0, 1.1, 1.2, 1.05], [0.0, 0.0, 0.0, 0.0])
    assert better(found, Goal.MAXIMIZE, 0.01) == "first"
    assert better(found, Goal.MAXIMIZE, 0.06) is None


def test_an_infinite_median_has_no_difference() -> None:
    with pytest.raises(ValueError, match="undetermined"):
        difference_over_studies([1.0, 2.0, math.inf], [1.0, 2.0, 3.0])


def test_a_small_p_value_alone_is_not_enough() -> None:
    """An interval of more confidence includes zero though p is under 0.05."""
    found = difference_over_studies([1.0, 1.5, 2.4], [0.0, 0.0, 0.0], confidence=0.999)
    assert found.p_value is not None
    assert found.p_value < 0.06
    assert found.low is not None
    assert found.low < 0
    assert better(found, Goal.MAXIMIZE, 0.01) is None
