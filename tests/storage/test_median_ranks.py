"""The ranks against the binomial distribution."""

import pytest
from scipy import stats

from shampoo_tune.storage.median_ranks import low_rank


@pytest.mark.parametrize(
    ("n", "rank"),
    [(1, None), (5, None), (6, 1), (10, 2), (15, 4), (20, 6), (25, 8), (50, 18), (51, 19)],
)  # fmt: skip
def test_ranks_of_the_published_table(n: int, rank: int | None) -> None:
    assert low_rank(n) == rank


@pytest.mark.parametrize("n", range(1, 200))
def test_rank_is_the_largest_that_covers_95_percent(n: int) -> None:
    def coverage(rank: int) -> float:
        return float(1 - 2 * stats.binom.cdf(rank - 1, n, 0.5))

    rank = low_rank(n)
    if rank is not None:
        assert coverage(rank) >= 0.95
    assert coverage((rank or 0) + 1) < 0.95


def test_a_thousand_values_do_not_overflow() -> None:
    assert low_rank(2000) == 956
