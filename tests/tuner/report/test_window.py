"""The drawn part of an axis."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.window import Window, union, value_window

FINITE = st.floats(-1e6, 1e6)


@given(
    values=st.lists(FINITE, min_size=1, max_size=50),
    goal=st.sampled_from(Goal),
    also=st.lists(st.none() | FINITE, max_size=2),
)
def test_a_window_has_width_and_holds_the_best_and_what_is_drawn_too(
    values: list[float], goal: Goal, also: list[float | None]
) -> None:
    window = value_window(np.array(values), goal, None, also)
    assert window is not None
    assert window.low < window.high
    assert (min(values) if goal is Goal.MINIMIZE else max(values)) in window
    assert all(value is None or value in window for value in also)
    assert sum(value not in window for value in values) <= window.beyond


def test_a_target_is_inside_unless_it_would_make_the_values_a_blot() -> None:
    values = np.array([0.4, 0.5])
    assert value_window(values, Goal.MAXIMIZE, 0.7) == Window(0.4, 0.7, 0)
    assert value_window(values, Goal.MAXIMIZE, 0.2) == Window(0.2, 0.5, 0)
    assert value_window(values, Goal.MAXIMIZE, 0.9) == Window(0.4, 0.5, 0)


@given(st.lists(FINITE, min_size=1, max_size=50))
def test_both_goals_see_the_same_but_upside_down(values: list[float]) -> None:
    down = value_window(np.array(values), Goal.MINIMIZE)
    up = value_window(-np.array(values), Goal.MAXIMIZE)
    assert down is not None
    assert up == Window(-down.high, -down.low, down.beyond)


@pytest.mark.parametrize("exploded", [1, 2, 4])
def test_losses_that_exploded_do_not_flatten_the_others(exploded: int) -> None:
    """Not all that diverge become infinite: the values of a learning rate that is too high."""
    good = np.linspace(2.5, 3.2, 10 - exploded)
    values = np.concatenate([good, np.geomspace(1e3, 1e20, exploded)])
    window = value_window(values, Goal.MINIMIZE)
    assert window is not None
    assert window.low == 2.5
    assert 3.2 <= window.high < 8
    assert window.beyond == exploded


def test_infinities_and_unknowns_are_left_out() -> None:
    values = np.array([math.inf, math.nan, 1.0, 2.0])
    assert value_window(values, Goal.MINIMIZE) == Window(1.0, 2.0, 0)
    assert value_window(values[:2], Goal.MINIMIZE, 0.5) is None
    assert value_window(np.array([]), Goal.MAXIMIZE) is None


def test_the_union_is_around_all_that_are_known() -> None:
    assert union([None, Window(1, 2, 1), Window(0, 1.5, 2)]) == Window(0, 2, 3)
    assert union([None, None]) is None
