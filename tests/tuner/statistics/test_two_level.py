"""The bootstrap over studies and seeds, against the whole distribution of small examples."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest

from shampoo_tune.tuner.statistics.two_level import (
    cell_median,
    percentile_interval,
    resampled_medians,
)


def test_one_study_is_resampled_by_seed() -> None:
    """Every resample of four seeds is as likely as another."""
    values = np.array([1.0, 2.0, 4.0, 8.0])
    medians = resampled_medians([[values]], (4,), resamples=100_000)[0]
    exact = Counter(float(np.median(r)) for r in itertools.product(values, repeat=4))
    for value, count in exact.items():
        assert np.mean(medians == value) == pytest.approx(count / 4**4, abs=0.006)


def test_studies_are_resampled_and_then_their_seeds() -> None:
    studies = [np.array([1.0, 3.0]), np.array([10.0, 30.0])]
    medians = resampled_medians([studies], (2,), resamples=100_000)[0]
    within = [[float(np.mean(pair)) for pair in itertools.product(s, repeat=2)] for s in studies]
    exact = Counter(
        (x + y) / 2
        for first, second in itertools.product(within, repeat=2)
        for x, y in itertools.product(first, second)
    )
    for value, count in exact.items():
        assert np.mean(np.isclose(medians, value)) == pytest.approx(count / 64, abs=0.006)


def test_cells_share_their_draws() -> None:
    """A constant difference between two cells is found in every resample."""
    rng = np.random.default_rng(1)
    studies = [rng.normal(size=50) for _ in range(3)]
    shifted = [values + 2.5 for values in studies]
    first, second = resampled_medians([studies, shifted], (10, 20, 50), resamples=500)
    assert second - first == pytest.approx(np.full(500, 2.5))
    assert np.ptp(first) > 0


def test_a_study_that_ended_at_a_look_uses_the_seeds_up_to_it() -> None:
    """Where all seeds up to a look are alike, both cells have that median in every resample."""
    early = np.zeros(10)
    full = np.concatenate([np.zeros(10), np.full(10, 5.0)])
    first, second = resampled_medians([[early], [full]], (10, 20), resamples=200)
    assert set(first) == {0.0}
    assert set(second) == {2.5}  # ten of each: seeds are drawn among those of their look


def test_infeasible_runs_are_values() -> None:
    values = np.array([-math.inf] * 6 + [1.0] * 4)
    medians = resampled_medians([[values]], (10,), resamples=2000)[0]
    assert set(medians) == {-math.inf, 1.0}
    assert percentile_interval(medians).low == -math.inf
    assert percentile_interval(medians).high == 1.0


def test_a_study_between_two_looks_is_refused() -> None:
    with pytest.raises(ValueError, match="12 seeds"):
        resampled_medians([[np.zeros(12)]], (10, 20))


def test_the_cell_median_weighs_studies_alike() -> None:
    assert cell_median([np.full(10, 1.0), np.full(50, 3.0)]) == 2.0
    assert cell_median([np.full(10, -math.inf), np.full(50, 3.0), np.full(50, 4.0)]) == 3.0


def test_the_interval_leaves_out_the_same_number_at_both_ends() -> None:
    interval = percentile_interval(np.arange(1000.0))
    assert (interval.low, interval.high) == (25.0, 974.0)
    ends = percentile_interval(np.array([math.inf] * 30 + [1.0] * 970))
    assert (ends.low, ends.high) == (1.0, math.inf)
