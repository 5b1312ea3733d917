"""Which trials are best."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.ranking import best_first, top_count


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, math.nan, -math.inf, math.inf]), max_size=20))
def test_feasible_trials_come_best_first_and_ties_in_their_order(values: list[float]) -> None:
    feasible = [trial for trial, value in enumerate(values) if math.isfinite(value)]
    array = np.array(values, float)
    falling = sorted(feasible, key=lambda trial: (-values[trial], trial))
    assert best_first(array, Goal.MAXIMIZE).tolist() == falling
    rising = sorted(feasible, key=lambda trial: (values[trial], trial))
    assert best_first(array, Goal.MINIMIZE).tolist() == rising


@pytest.mark.parametrize(
    ("feasible", "count"), [(0, 0), (3, 3), (5, 5), (50, 5), (51, 6), (100, 10)]
)
def test_a_tenth_counts_as_the_best_but_five_at_least(feasible: int, count: int) -> None:
    assert top_count(feasible) == count
