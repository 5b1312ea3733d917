"""Coverage is counted on intervals that share no run."""

import numpy as np
import pytest

from benchmarks import protocol_coverage as coverage


def test_a_median_is_covered_if_it_lies_within_the_order_statistics() -> None:
    final = np.arange(6.0)[None].repeat(3, axis=0)  # of six values only the extremes make 95 %
    found = coverage.over_seeds(final, np.array([0.0, 5.0, 5.1]))
    assert (found.covered, found.count) == (2, 3)


def test_too_few_seeds_cover_nothing() -> None:
    assert coverage.over_seeds(np.zeros((2, 5)), np.zeros(2)).covered == 0


def test_blocks_are_judged_by_the_other_runs_of_the_same_winner() -> None:
    winners = np.array([[1.0, 2.0, 30.0, 40.0, 50.0], [5.0, 5.0, 6.0, 6.0, -np.inf]])
    blocks, truth = coverage.split_winners(winners, 2)
    assert blocks.tolist() == [[1, 2], [30, 40], [5, 5], [6, 6]]
    assert truth.tolist() == [40, 2, 6, 5]


@pytest.mark.parametrize("studies", [3, 5])
def test_students_interval_covers_normal_medians_as_often_as_it_says(studies: int) -> None:
    rng = np.random.default_rng(0)
    plain, other = rng.normal(size=(2, 3000))
    other[7] = -np.inf  # an infinite median has no interval
    for found in (
        coverage.over_studies(plain, studies),
        coverage.over_differences(plain, other, studies),
    ):
        assert found.count >= 2999 // studies
        assert found.covered / found.count == pytest.approx(0.95, abs=0.03)


def test_a_shifted_mean_is_not_covered() -> None:
    values = np.array([0.0, 0.01, 0.02] * 5 + [100.0, 100.01, 100.02])
    found = coverage.over_studies(values, 3)
    assert (found.covered, found.count) == (0, 6)
