"""Numbers for people."""

import math

import pytest

from shampoo_tune.tuner.formatting import (
    show_bytes,
    show_difference,
    show_examples,
    show_hours,
    show_seconds,
    show_value,
)


@pytest.mark.parametrize(
    ("value", "resolution", "shown"),
    [
        (353 / 359, 1 / 359, "0.983"),
        (37951 / 50000, 1 / 50000, "0.75902"),
        (0.5, 1 / 10, "0.5"),
        (0.123456, None, "0.1235"),
        (None, 1 / 359, "-"),
        (math.nan, None, "-"),
        (-math.inf, 1 / 359, "infeasible"),
    ],
)
def test_no_more_decimals_than_one_example_resolves(
    value: float | None, resolution: float | None, shown: str
) -> None:
    assert show_value(value, resolution) == shown


def test_an_accuracy_is_a_count_of_examples() -> None:
    assert show_examples(353 / 359, 1 / 359) == "353/359"
    assert show_examples(350.5 / 359, 1 / 359) == "350.5/359"
    assert show_examples(0.5, None) == show_examples(None, 1 / 359) == ""
    assert show_examples(-math.inf, 1 / 359) == ""


def test_differences_have_signs_and_words_for_what_is_no_number() -> None:
    assert show_difference(0.0083, 1 / 359) == "+0.008"
    assert show_difference(-0.5, None) == "-0.5"
    assert show_difference(-math.inf, 1 / 359) == "-inf"
    assert show_difference(None, 1 / 359) == "undetermined"


def test_sizes_and_durations_have_units() -> None:
    assert [show_bytes(n) for n in (12, 2048, 3 * 2**20, 5 * 2**30, None)] == [
        "12 B", "2 KiB", "3 MiB", "5 GiB", "-",
    ]  # fmt: skip
    assert [show_seconds(s) for s in (0.0123, 1.5, None)] == ["12.3 ms", "1.5 s", "-"]


def test_hours_are_shown_in_the_largest_unit_of_which_there_is_one() -> None:
    assert [show_hours(h) for h in (23.456, 1, 0.5, 0.001, 0)] == [
        "23.5 hours", "1 hour", "30 minutes", "3.6 seconds", "0 seconds",
    ]  # fmt: skip
