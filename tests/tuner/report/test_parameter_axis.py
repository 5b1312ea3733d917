"""The axes of tuned parameters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.tuner.parameters import Choice, Parameter, Range, SearchSpace
from shampoo_tune.tuner.report.parameter_axis import ParameterAxis, parameter_axes
from tests.tuner.report.studies import SPACE

RANGES = st.one_of(
    st.builds(Range, st.floats(-10, 0), st.floats(0.01, 10)),
    st.builds(lambda low, ratio: Range(low, low * ratio, "log"), st.floats(1e-9, 10),
              st.floats(1.5, 1e9)),
    st.builds(lambda low, share: Range(low, 1 - (1 - low) * share, "one_minus_log"),
              st.floats(0, 0.9), st.floats(1e-4, 0.9)),
    st.builds(lambda low, more: Range(low, low + more, "linear", whole=True),
              st.integers(0, 50), st.integers(1, 500)),
    st.builds(lambda low, more: Range(low, low + more, "log", whole=True),
              st.integers(1, 50), st.integers(1, 500)),
)  # fmt: skip


def axis_of(domain: Range | Choice) -> ParameterAxis:
    (axis,) = parameter_axes(SearchSpace((Parameter("x", domain),)))
    return axis


@given(RANGES)
def test_the_ends_are_named_and_every_tick_stands_at_its_value(domain: Range) -> None:
    axis = axis_of(domain)
    places = [place for place, _ in axis.ticks]
    assert places == sorted(places)
    assert domain.unit(domain.low) in places
    for place, text in axis.ticks:
        assert 0 <= place <= 1
        assert axis.at(place) == pytest.approx(float(text), rel=1e-4, abs=1e-5)


@given(RANGES, st.floats(0, 1))
def test_a_place_in_the_range_has_the_value_that_the_search_gives_it(
    domain: Range, unit: float
) -> None:
    value = axis_of(domain).at(unit)
    expected = domain.at(unit)
    if domain.whole:
        assert abs(value - expected) <= 0.5 + 1e-9
    else:
        assert value == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_half_a_range_further_out_on_each_scale() -> None:
    assert axis_of(Range(0.01, 1.0, "log")).at(1.5) == pytest.approx(10)
    assert axis_of(Range(0.9, 0.999, "one_minus_log")).at(1.5) == pytest.approx(0.9999)
    assert axis_of(Range(0.0, 2.0)).at(-0.5) == pytest.approx(-1)


def test_the_space_has_an_axis_for_every_tuned_parameter_in_order() -> None:
    axes = parameter_axes(SPACE)
    assert tuple(axis.name for axis in axes) == SPACE.dimensions
    assert [axis.scale for axis in axes] == ["log", "one_minus_log", "linear", "values", "log"]
    assert [axis.levels for axis in axes] == [None, None, None, 3, 6]


def test_a_choice_names_its_values_in_the_middle_of_their_parts() -> None:
    axis = axis_of(Choice(("a", "a name that is long", None, 0.25)))
    assert axis.ticks == ((0.125, "a"), (0.375, "a name tha"), (0.625, "None"), (0.875, "0.25"))
    with pytest.raises(ValueError, match="x is a choice"):
        axis.at(0.5)


def test_many_values_keep_only_names_that_fit() -> None:
    axis = axis_of(Choice(tuple(f"value {n:03}" for n in range(40))))
    assert 2 <= len(axis.ticks) < 10
    assert axis.levels == 40
