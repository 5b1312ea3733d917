"""Looks that stop hopeless rungs: exact error, by enumeration and by simulation."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.tuner.statistics.looks import looks_at, spending, stopping_probabilities


def stops(outcomes: tuple[int, ...], looks: tuple[int, ...], limits: tuple[int, ...]) -> bool:
    """One sequence of seeds, looked at as the tuner does."""
    pairs = zip(looks[:-1], limits, strict=True)
    return any(sum(outcomes[:look]) <= limit for look, limit in pairs)


@pytest.mark.parametrize("looks", [(3, 6, 9), (4, 8, 12), (5, 6, 7, 13), (2, 4, 6, 8, 10)])
@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.5])
def test_the_error_is_that_of_all_sequences_of_seeds(looks: tuple[int, ...], alpha: float) -> None:
    limits = spending(looks, alpha)
    count = sum(stops(o, looks, limits) for o in itertools.product((0, 1), repeat=looks[-1]))
    error = sum(stopping_probabilities(looks, limits, 0.5))
    assert error == pytest.approx(count / 2 ** looks[-1], abs=1e-12)
    assert error <= alpha


@pytest.mark.parametrize("looks", [(3, 6, 9), (4, 8, 12), (5, 6, 7, 13)])
def test_no_limit_could_be_larger(looks: tuple[int, ...]) -> None:
    """One more at the last look that stops would spend more than alpha."""
    alpha = 0.3
    *others, last = spending(looks, alpha)
    larger = (*others, last + 1)
    sequences = itertools.product((0, 1), repeat=looks[-1])
    assert sum(stops(o, looks, larger) for o in sequences) / 2 ** looks[-1] > alpha


def test_the_table_of_fifty_seeds_by_simulation() -> None:
    looks = looks_at(50)
    limits = spending(looks)
    assert (looks, limits) == ((10, 20, 50), (1, 5))
    rng = np.random.default_rng(0)
    for share in (0.1, 0.3, 0.5, 0.7):
        reached = np.cumsum(rng.random((100_000, 50)) < share, axis=1)
        first = reached[:, 9] <= limits[0]
        second = ~first & (reached[:, 19] <= limits[1])
        exact = stopping_probabilities(looks, limits, share)
        assert exact == pytest.approx((first.mean(), second.mean()), abs=0.005)


@given(st.integers(1, 200))
def test_a_median_at_the_target_is_stopped_at_most_one_time_in_twenty(seeds: int) -> None:
    looks = looks_at(seeds)
    assert looks[-1] == seeds
    assert sum(stopping_probabilities(looks, spending(looks), 0.5)) <= 0.05


@given(st.integers(11, 200), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_a_better_rung_is_stopped_less_often(seeds: int, a: float, b: float) -> None:
    looks = looks_at(seeds)
    low, high = (
        sum(stopping_probabilities(looks, spending(looks), share)) for share in sorted((a, b))
    )
    assert high <= low + 1e-12


def test_few_seeds_are_run_at_once() -> None:
    assert looks_at(10) == (10,)
    assert looks_at(7) == (7,)
    assert spending((7,)) == ()


@pytest.mark.parametrize("looks", [(), (0, 5), (5, 5), (10, 5)])
def test_looks_that_do_not_increase_are_refused(looks: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="must be positive and increase"):
        spending(looks)
