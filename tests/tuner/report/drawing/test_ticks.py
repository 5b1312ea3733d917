"""Round numbers that fit."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.tuner.report.drawing.ticks import (
    log_candidates,
    nice_numbers,
    thin,
    tick_text,
)


@given(st.floats(-1e6, 1e6), st.floats(1e-4, 1e6))
def test_nice_numbers_are_evenly_spaced_inside_and_neither_few_nor_many(
    low: float, share: float
) -> None:
    width = share * max(1.0, abs(low))
    high = low + width
    ticks = nice_numbers(low, high)
    assert 2 <= len(ticks) <= 6
    assert all(low - 1e-6 * width <= tick <= high + 1e-6 * width for tick in ticks)
    steps = [b - a for a, b in itertools.pairwise(ticks)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-3)


@given(st.floats(1e-9, 1e3), st.floats(1.01, 1e9))
def test_log_candidates_are_one_two_three_or_five_times_a_power_of_ten(
    low: float, ratio: float
) -> None:
    high = low * ratio
    numbers = log_candidates(low, high)
    assert len(numbers) == len(set(numbers))
    for number in numbers:
        assert low <= number <= high
        assert round(number / 10 ** math.floor(math.log10(number) + 1e-9), 6) in (1, 2, 3, 5)
    powers = [n for n in range(-10, 13) if low <= float(f"1e{n}") <= high]
    assert [float(f"1e{n}") for n in powers] == numbers[: len(powers)]


@given(st.lists(st.tuples(st.floats(0, 1), st.text("0123", min_size=1, max_size=8)), max_size=20))
def test_thinned_texts_never_overlap_and_the_first_is_always_there(
    candidates: list[tuple[float, str]],
) -> None:
    room = 40
    chosen = thin(candidates, room)
    assert set(chosen) <= set(candidates)
    assert not candidates or candidates[0] in chosen
    for (left, first), (right, second) in itertools.pairwise(chosen):
        assert right * room - len(second) / 2 >= left * room + len(first) / 2


def test_impossible_axes_are_refused() -> None:
    with pytest.raises(ValueError, match="low < high"):
        nice_numbers(1.0, 1.0)
    with pytest.raises(ValueError, match="0 < low < high"):
        log_candidates(0.0, 1.0)


def test_exponents_are_short() -> None:
    assert [tick_text(x) for x in (1e-6, 0.25, 1e7, 20)] == ["1e-6", "0.25", "1e7", "20"]
