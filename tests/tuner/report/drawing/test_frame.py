"""Where values lie in a frame."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.tuner.report.drawing.frame import (
    Axis,
    Frame,
    count_axis,
    log_axis,
    number_axis,
    target_line,
    value_axis,
)
from shampoo_tune.tuner.report.window import Window

FRAME = Frame(number_axis(0, 10, "x"), value_axis(Window(0.0, 1.0, 0), "y"), (350, 220))


@given(st.lists(st.floats(-1e9, 1e9) | st.sampled_from([math.inf, -math.inf]), min_size=1))
def test_everything_lies_inside_the_frame_in_its_order(values: list[float]) -> None:
    ordered = np.sort(values)
    across, up = FRAME.across(ordered), FRAME.up(ordered)
    assert (np.diff(across) >= 0).all()
    assert (np.diff(up) <= 0).all()
    assert (across >= FRAME.left).all()
    assert (across <= FRAME.right).all()
    assert (up >= FRAME.top).all()
    assert (up <= FRAME.bottom).all()


def test_an_infeasible_value_lies_on_the_edge_apart_from_the_worst_feasible_one() -> None:
    assert FRAME.up(-math.inf) == FRAME.bottom
    assert FRAME.up(0.0) < FRAME.bottom - 5


def test_equal_factors_are_equal_lengths_on_a_log_axis() -> None:
    axis = log_axis(1, 1000, "k", room=40)
    places = axis.place([1, 10, 100, 1000])
    assert np.diff(places) == pytest.approx(np.diff(places)[0])
    assert [text for _, text in axis.ticks][:: len(axis.ticks) - 1] == ["1", "1000"]


def test_ticks_have_the_decimals_that_tell_them_apart() -> None:
    assert number_axis(0.9, 1.0, "y").ticks[0] == (0.9, "0.90")
    assert [text for _, text in number_axis(0, 40, "x").ticks] == ["0", "10", "20", "30", "40"]


def test_counts_have_whole_ticks_however_few() -> None:
    assert [text for _, text in count_axis(30, 30, "step").ticks] == ["30", "31"]
    assert [text for _, text in count_axis(0, 2, "n").ticks] == ["0", "1", "2"]
    assert [text for _, text in count_axis(5, 40, "step").ticks] == ["10", "20", "30", "40"]


def test_without_a_value_or_a_target_there_is_no_target_line() -> None:
    assert target_line(FRAME, None, Window(0, 1, 0)) == []
    assert target_line(FRAME, 0.5, None) == []
    assert "target 0.5" in "".join(target_line(FRAME, 0.5, Window(0, 1, 0)))
    (far,) = target_line(FRAME, 1.5, Window(0, 1, 0))
    assert "target 1.5, off this axis" in far
    assert value_axis(None, "y") == Axis(0.0, 1.0, (), "y")
