"""The intervals cover what they are about, in simulations with fixed seeds.

Limits are three standard errors from what is claimed; where an interval is known to cover less,
the test holds the measured figure.
"""

import math

import pytest

from benchmarks.coverage import BOOTSTRAP, CLAIMS, FINITE, SHAPES, Claim, share_true
from benchmarks.intervals import chance_of_false_confirmation, least_coverage_of_a_share

MEDIAN, STUDY, DIFFERENCE, BETTER = CLAIMS
DRAWS = 1500
ERROR = 3 * math.sqrt(0.95 * 0.05 / DRAWS)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("n", [6, 50])
def test_the_interval_of_a_median_covers_it(shape: str, n: int) -> None:
    assert share_true(MEDIAN, shape, n, DRAWS) >= 0.95 - ERROR


@pytest.mark.parametrize("n", [6, 10, 20, 50])
def test_shares_and_confirmations_keep_their_level_exactly(n: int) -> None:
    assert least_coverage_of_a_share(n) >= 0.95
    assert 0 < chance_of_false_confirmation(n) <= 0.05


@pytest.mark.parametrize("claim", [STUDY, DIFFERENCE], ids=["mean", "difference"])
@pytest.mark.parametrize("shape", ["normal", "counts"])
@pytest.mark.parametrize("n", [3, 10])
def test_students_interval_covers_the_mean_over_studies(claim: Claim, shape: str, n: int) -> None:
    assert share_true(claim, shape, n, DRAWS) >= 0.95 - ERROR


@pytest.mark.parametrize("shape", FINITE)
@pytest.mark.parametrize("n", [3, 10])
def test_equal_optimizers_are_seldom_called_better(shape: str, n: int) -> None:
    assert share_true(BETTER, shape, n, DRAWS) <= 0.05 + ERROR


def test_three_studies_of_few_counts_are_covered_less() -> None:
    """Equal values make an interval of no width; a difference under two examples says nothing."""
    assert 0.6 < share_true(STUDY, "few counts", 3, DRAWS) < 0.9


@pytest.mark.parametrize("shape", ["normal", "skewed", "counts"])
@pytest.mark.parametrize("n", [10, 50])
def test_the_bootstrap_of_pairs_covers_the_difference_of_two_medians(shape: str, n: int) -> None:
    draws = 250
    error = 3 * math.sqrt(0.95 * 0.05 / draws)
    assert share_true(BOOTSTRAP, shape, n, draws) >= 0.95 - error


def test_a_claim_that_is_false_is_not_covered() -> None:
    """The simulation can tell: an interval of 50 % covers in half of the draws."""
    half = Claim("half", (), (), lambda shape, n, rng: bool(rng.random() < 0.5))
    assert share_true(half, "normal", 10, DRAWS) == pytest.approx(0.5, abs=0.04)
