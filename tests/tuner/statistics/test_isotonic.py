"""Isotonic fits against pooling by hand, and crossings of curves that are known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.isotonic import crossings, isotonic_fit, steps_to_target

Array = NDArray[np.float64]

STEPS = np.array([10.0, 20.0, 40.0])
VALUES = hnp.arrays(float, st.integers(1, 7), elements=st.floats(-10, 10))
WORST = st.just(-math.inf)


def pool_adjacent_violators(values: list[float], weights: list[float]) -> list[float]:
    """The textbook's algorithm: merge neighbours that are out of order until none is."""
    blocks = [([v], [w]) for v, w in zip(values, weights, strict=True)]
    place = 0
    while place + 1 < len(blocks):
        if mean(*blocks[place]) > mean(*blocks[place + 1]):
            values_after, weights_after = blocks.pop(place + 1)
            blocks[place] = (blocks[place][0] + values_after, blocks[place][1] + weights_after)
            place = max(place - 1, 0)
        else:
            place += 1
    return [mean(v, w) for v, w in blocks for _ in v]


def mean(values: list[float], weights: list[float]) -> float:
    return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)


@given(VALUES, st.data())
def test_the_fit_pools_adjacent_violators(values: Array, data: st.DataObject) -> None:
    weights = data.draw(hnp.arrays(float, len(values), elements=st.floats(0.5, 50)))
    expected = pool_adjacent_violators(values.tolist(), weights.tolist())
    assert isotonic_fit(values, weights) == pytest.approx(expected, abs=1e-9)
    for increasing in (True, False):
        scipys = isotonic_regression(values, weights=weights, increasing=increasing).x
        found = isotonic_fit(values, weights, increasing=increasing)
        assert found == pytest.approx(scipys, abs=1e-9)


@given(hnp.arrays(float, (3, 5), elements=st.one_of(st.floats(-9, 9), WORST)))
def test_infeasible_medians_win_over_what_they_are_pooled_with(values: Array) -> None:
    fit = isotonic_fit(values)
    assert fit.shape == values.shape
    for row, fitted in zip(values, fit, strict=True):
        expected = pool_adjacent_violators(row.tolist(), [1.0] * 5)
        assert fitted == pytest.approx(expected, abs=1e-9)


def test_a_median_that_is_not_known_is_refused() -> None:
    with pytest.raises(ValueError, match="not known"):
        isotonic_fit(np.array([0.5, np.nan]))


@pytest.mark.parametrize(
    ("medians", "expected"),
    [
        ([0.7, 0.9, 0.95], 10 * math.sqrt(2)),  # half way from 10 to 20 in log(steps)
        ([0.7, 0.75, 0.85], 20 * math.sqrt(2)),
        ([0.7, 0.8, 0.9], 20),  # exactly at a rung
        ([0.9, 0.95, 0.99], 10),  # at most the smallest
        ([0.8, 0.8, 0.8], 10),
        ([0.5, 0.6, 0.79], math.inf),  # more than the largest
        ([-math.inf, 0.9, 0.95], 20),  # nothing to interpolate from
        ([-math.inf, 0.7, 0.9], 20 * math.sqrt(2)),
        ([-math.inf, -math.inf, -math.inf], math.inf),
        ([0.9, 0.5, 0.9], 20 * 2**0.5),  # pooled to 0.7, 0.7, 0.9
        ([0.9, 0.9, 0.5], math.inf),  # pooled to less than the target
    ],
)
def test_the_crossing_lies_between_the_rungs_around_the_target(
    medians: list[float], expected: float
) -> None:
    values = np.array(medians)
    assert steps_to_target(STEPS, values, 0.8, Goal.MAXIMIZE) == pytest.approx(expected)
    assert steps_to_target(STEPS, -values, -0.8, Goal.MINIMIZE) == pytest.approx(expected)


def test_a_rung_with_more_seeds_counts_more() -> None:
    medians = np.array([0.7, 0.85, 0.7])
    weights = np.array([10.0, 50.0, 10.0])
    assert steps_to_target(STEPS, medians, 0.8, Goal.MAXIMIZE) == math.inf
    assert steps_to_target(STEPS, medians, 0.8, Goal.MAXIMIZE, weights) < 20


@given(st.floats(5, 45), st.floats(0.01, 2))
def test_a_curve_linear_in_log_steps_is_crossed_where_it_truly_is(
    truth: float, slope: float
) -> None:
    medians = slope * np.log(STEPS / truth)
    found = steps_to_target(STEPS, medians, 0.0, Goal.MAXIMIZE)
    if truth <= STEPS[0]:
        assert found == STEPS[0]
    elif truth > STEPS[-1]:
        assert found == math.inf
    else:
        assert found == pytest.approx(truth)


@given(
    hnp.arrays(float, (4, 3), elements=st.one_of(st.floats(0, 1), WORST)),
    hnp.arrays(float, 3, elements=st.floats(1, 50)),
)
def test_many_ladders_at_once_are_what_each_is_alone(medians: Array, weights: Array) -> None:
    together = crossings(STEPS, medians, 0.5, Goal.MAXIMIZE, weights)
    alone = [steps_to_target(STEPS, row, 0.5, Goal.MAXIMIZE, weights) for row in medians]
    assert together.tolist() == alone


@given(hnp.arrays(float, 3, elements=st.floats(0, 1)), st.floats(0, 0.3), st.floats(0, 1))
def test_better_medians_never_need_more_steps(medians: Array, gain: float, target: float) -> None:
    before, after = (
        steps_to_target(STEPS, medians + more, target, Goal.MAXIMIZE) for more in (0.0, gain)
    )
    assert after <= before * (1 + 1e-12)
