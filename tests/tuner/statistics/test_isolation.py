"""The best trial in each bucket, against a loop."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.isolation import isolation

TRIALS = st.lists(
    st.tuples(
        st.one_of(st.floats(0, 1, exclude_max=True), st.just(math.nan)),
        st.one_of(st.floats(-5, 5), st.just(-math.inf)),
    ),
    min_size=1,
    max_size=60,
)


@given(TRIALS, st.one_of(st.none(), st.integers(1, 8)))
def test_each_bucket_holds_its_own_trials_and_the_best_of_them(
    trials: list[tuple[float, float]], levels: int | None
) -> None:
    units, values = [u for u, _ in trials], [v for _, v in trials]
    buckets = isolation(units, values, Goal.MAXIMIZE, levels)
    assert sum(b.count for b in buckets) == sum(not math.isnan(u) for u in units)
    for number, bucket in enumerate(buckets):
        own = [v for u, v in trials if not math.isnan(u) and int(u * len(buckets)) == number]
        feasible = [v for v in own if math.isfinite(v)]
        assert (bucket.count, bucket.feasible) == (len(own), len(feasible))
        assert bucket.best_value == (max(feasible) if feasible else None)
        if bucket.best_trial is not None:
            assert values[bucket.best_trial] == bucket.best_value


@pytest.mark.parametrize(("feasible", "buckets"), [(0, 5), (20, 5), (99, 9), (100, 10), (900, 20)])
def test_the_number_of_buckets_follows_the_feasible_trials(feasible: int, buckets: int) -> None:
    units = np.linspace(0, 0.999, feasible + 1)
    values = np.where(np.arange(feasible + 1) < feasible, units, math.inf)
    assert len(isolation(units, values, Goal.MINIMIZE, None)) == buckets


@given(TRIALS, st.integers(1, 8))
def test_both_goals_mirror_each_other(trials: list[tuple[float, float]], levels: int) -> None:
    units, values = [u for u, _ in trials], [v for _, v in trials]
    up = isolation(units, values, Goal.MAXIMIZE, levels)
    down = isolation(units, [-v for v in values], Goal.MINIMIZE, levels)
    assert [b.best_trial for b in up] == [b.best_trial for b in down]
    assert [(b.low, b.high, b.count) for b in up] == [(b.low, b.high, b.count) for b in down]


def test_the_buckets_fill_the_range_and_the_last_holds_its_end() -> None:
    buckets = isolation([0.0, 0.25, 1.0], [1.0, 2.0, 3.0], Goal.MAXIMIZE, 4)
    assert [(b.low, b.high) for b in buckets] == [(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)]
    assert [b.best_trial for b in buckets] == [0, 1, None, 2]


def test_trials_and_values_belong_together() -> None:
    with pytest.raises(ValueError, match="as many units"):
        isolation([0.5], [1.0, 2.0], Goal.MAXIMIZE, None)
    with pytest.raises(ValueError, match="NaN"):
        isolation([0.5], [math.nan], Goal.MAXIMIZE, None)


def test_the_best_of_a_loss_is_the_lowest() -> None:
    (bucket,) = isolation([0.1, 0.2, 0.3], [3.0, 1.0, math.inf], Goal.MINIMIZE, 1)
    assert (bucket.best_trial, bucket.best_value, bucket.feasible) == (1, 1.0, 2)
