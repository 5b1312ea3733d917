"""The map from the unit cube to natural units, and from a point to a configuration."""

import dataclasses
import itertools
import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.tuner.configuration import Schedule, make_configuration
from shampoo_tune.tuner.design import design
from shampoo_tune.tuner.parameters import (
    Choice,
    Fixed,
    Parameter,
    Range,
    Scale,
    SearchSpace,
    Value,
)

UNITS = st.floats(0, 1, exclude_max=True)
LARGEST_UNIT = math.nextafter(1, 0)


@st.composite
def real_ranges(draw: st.DrawFn) -> Range:
    scale: Scale = draw(st.sampled_from(["linear", "log", "one_minus_log"]))
    high_end = 1 - 1e-9 if scale == "one_minus_log" else 1e6
    low, high = sorted(draw(st.tuples(*[st.floats(1e-9, high_end)] * 2)))
    assume(high > low * 1.001 and (1 - low) != (1 - high))
    return Range(low, high, scale)


@st.composite
def whole_ranges(draw: st.DrawFn) -> Range:
    scale: Scale = draw(st.sampled_from(["linear", "log"]))
    low = draw(st.integers(1, 1000))
    return Range(low, low + draw(st.integers(1, 1000)), scale, whole=True)


@given(real_ranges() | whole_ranges(), UNITS)
def test_values_stay_within_the_bounds(domain: Range, unit: float) -> None:
    value = domain.at(unit)
    assert domain.low <= value <= domain.high
    assert isinstance(value, int if domain.whole else float)


@given(real_ranges() | whole_ranges(), UNITS, UNITS)
def test_values_increase_with_the_coordinate(domain: Range, a: float, b: float) -> None:
    low, high = domain.at(min(a, b)), domain.at(max(a, b))
    assert low <= high or math.isclose(low, high, rel_tol=1e-12)


@given(real_ranges() | whole_ranges())
def test_the_whole_range_is_reached(domain: Range) -> None:
    assert math.isclose(domain.at(0.0), domain.low, rel_tol=1e-6)
    assert math.isclose(domain.at(LARGEST_UNIT), domain.high, rel_tol=1e-6)


@given(real_ranges(), UNITS)
def test_unit_is_the_inverse_of_at(domain: Range, unit: float) -> None:
    value = domain.at(unit)
    assert math.isclose(domain.at(domain.unit(value)), value, rel_tol=1e-9)


@given(whole_ranges(), st.data())
def test_unit_of_a_whole_number_lies_in_its_cell(domain: Range, data: st.DataObject) -> None:
    value = data.draw(st.integers(int(domain.low), int(domain.high)))
    assert domain.at(domain.unit(value)) == value


@pytest.mark.parametrize(
    ("domain", "middle"),
    [
        (Range(0.0, 10.0), 5.0),
        (Range(1e-6, 1e-2, "log"), 1e-4),
        (Range(0.9, 0.999, "one_minus_log"), 0.99),
        (Range(0.0, 0.99, "one_minus_log"), 0.9),
    ],
)
def test_the_middle_is_that_of_the_scale(domain: Range, middle: float) -> None:
    assert math.isclose(domain.at(0.5), middle, rel_tol=1e-12)


def test_each_whole_number_of_a_linear_range_is_equally_likely() -> None:
    grid = (np.arange(7000) + 0.5) / 7000
    counts = Counter(Range(3, 9, whole=True).at(unit) for unit in grid)
    assert counts == dict.fromkeys(range(3, 10), 1000)


@pytest.mark.parametrize("sampler", ["halton", "sobol"])
def test_the_design_gives_each_whole_number_its_share_and_the_ends_theirs(sampler: str) -> None:
    counts = Counter(Range(0, 8, whole=True).at(u) for (u,) in design(1, 9000, sampler, 1, 0))
    assert set(counts) == set(range(9))
    assert all(abs(count - 1000) <= 10 for count in counts.values())


def test_each_whole_number_of_a_log_range_owns_its_cell_on_the_log_axis() -> None:
    """No half cells at the ends: the share of k is log((k + 1/2) / (k - 1/2)), ends included."""
    grid = (np.arange(100_000) + 0.5) / 100_000
    counts = Counter(Range(1, 8, "log", whole=True).at(unit) for unit in grid)
    total = math.log(8.5 / 0.5)
    for k in range(1, 9):
        assert abs(counts[k] / 100_000 - math.log((k + 0.5) / (k - 0.5)) / total) < 1e-4


@given(st.integers(1, 12))
def test_each_choice_is_equally_likely(levels: int) -> None:
    choice = Choice(tuple(f"v{i}" for i in range(levels)))
    counts = Counter(choice.at((i + 0.5) / (levels * 10)) for i in range(levels * 10))
    assert counts == dict.fromkeys(choice.values, 10)
    assert choice.at(LARGEST_UNIT) == choice.values[-1]
    assert all(choice.at(choice.unit(value)) == value for value in choice.values)


SPACE = SearchSpace(
    (
        Parameter("weight_decay", Fixed(0.5)),
        Parameter("learning_rate", Range(0.1, 10.0, "log")),
        Parameter("nesterov", Choice((True, False))),
        Parameter("beta1", Range(0.5, 0.9), when=(("nesterov", True),)),
        Parameter("exponent_override", Choice((0.0, 4.0)), when=(("nesterov", True),)),
        Parameter("beta2", Range(0.0, 1.0), when=(("exponent_override", 4.0),)),
    )
)


def test_dimensions_are_those_that_vary_in_the_order_of_the_file() -> None:
    expected = ("learning_rate", "nesterov", "beta1", "exponent_override", "beta2")
    assert SPACE.dimensions == expected


def test_a_point_holds_fixed_values_and_active_parameters() -> None:
    point = SPACE.point([0.5, 0.0, 0.5, 0.9, 0.25])
    assert list(point) == [p.name for p in SPACE.parameters]
    assert point["weight_decay"] == 0.5
    assert (point["nesterov"], point["exponent_override"], point["beta2"]) == (True, 4.0, 0.25)


def test_inactive_parameters_are_left_out_also_through_inactive_ones() -> None:
    assert "beta2" not in SPACE.point([0.5, 0.0, 0.5, 0.1, 0.25])
    assert list(SPACE.point([0.5, 0.9, 0.5, 0.9, 0.25])) == [
        "weight_decay", "learning_rate", "nesterov",
    ]  # fmt: skip


def test_a_condition_moves_no_other_coordinate() -> None:
    free = SearchSpace(tuple(dataclasses.replace(p, when=()) for p in SPACE.parameters))
    unit = [0.3, 0.0, 0.7, 0.1, 0.2]
    assert SPACE.point(unit).items() <= free.point(unit).items()


@st.composite
def discrete_spaces(draw: st.DrawFn) -> SearchSpace:
    """Up to five parameters, each but the first perhaps under a condition on earlier choices."""
    parameters: list[Parameter] = []
    for index in range(draw(st.integers(1, 5))):
        size = draw(st.integers(1, 4))
        choice = Choice(tuple(f"v{i}" for i in range(size)))
        domains: list[Fixed | Choice | Range]
        domains = [choice, Range(2, 1 + size, whole=True), Fixed(0)]
        domain = draw(st.sampled_from(domains))
        choices = {p.name: p.domain for p in parameters if isinstance(p.domain, Choice)}
        names = draw(st.sets(st.sampled_from(sorted(choices)), max_size=2)) if choices else set()
        when = tuple((name, draw(st.sampled_from(choices[name].values))) for name in sorted(names))
        parameters.append(Parameter(f"p{index}", domain, when))
    return SearchSpace(tuple(draw(st.permutations(parameters))))


@given(discrete_spaces())
def test_distinct_points_are_those_that_a_grid_finds(space: SearchSpace) -> None:
    """The middles of quarters meet every value of up to four, in every combination."""
    grid = itertools.product((0.125, 0.375, 0.625, 0.875), repeat=len(space.dimensions))
    found = {tuple(space.point(unit).items()) for unit in grid}
    assert space.distinct_points == len(found)


def test_a_continuous_range_has_no_number_of_points() -> None:
    assert SPACE.distinct_points is None


@given(st.lists(UNITS, min_size=5, max_size=5))
def test_units_lead_back_to_the_point(unit: list[float]) -> None:
    """A coordinate of an inactive parameter may be anything."""
    point = SPACE.point(unit)
    places = [place for (place,) in SPACE.units([point])]
    again = SPACE.point([0.5 if math.isnan(place) else place for place in places])
    assert again == pytest.approx(point)


def test_a_value_without_a_place_spoils_no_other() -> None:
    space = SearchSpace(
        (
            Parameter("rate", Range(1e-2, 1.0, "log")),
            Parameter("kind", Choice(("a", None, 4))),
        )
    )
    points: list[dict[str, Value]] = [
        {"rate": 0.1, "kind": 4}, {"rate": 0.0, "kind": "b"}, {"kind": None}, {"rate": 10.0},
    ]  # fmt: skip
    rates, kinds = space.units(points)
    assert rates == pytest.approx([0.5, math.nan, math.nan, 1.5], nan_ok=True)
    assert kinds == pytest.approx([5 / 6, math.nan, 0.5, math.nan], nan_ok=True)
    assert space.units([]) == [[], []]


@pytest.mark.parametrize("unit", [[0.5], [0.5] * 6, [1.0] + [0.5] * 4, [-0.1] + [0.5] * 4])
def test_a_coordinate_too_many_or_outside_is_refused(unit: list[float]) -> None:
    with pytest.raises(ValueError, match="expected 5 numbers"):
        SPACE.point(unit)


def test_given_values_are_completed_with_the_fixed_ones() -> None:
    values = {"learning_rate": 3.0, "nesterov": False, "beta1": 0.7}
    point = {"weight_decay": 0.5, "learning_rate": 3.0, "nesterov": False}
    assert SPACE.complete(values) == point


@pytest.mark.parametrize(
    ("fraction", "steps", "warmup_steps"),
    [
        (0.1, 40, 4), (0.1, 25, 2), (0.5, 3, 2), (0.5, 5, 2), (0.0, 10, 0), (0.999, 10, 9),
        (0.9, 1, 0),
    ],
)  # fmt: skip
def test_warmup_steps_round_half_to_even_and_leave_a_step(
    fraction: float, steps: int, warmup_steps: int
) -> None:
    schedule = Schedule(warmup_fraction=fraction)
    made = make_configuration("nesterov", {"learning_rate": 1.0}, schedule, steps)
    assert made.schedule.warmup_steps == warmup_steps
    assert made.schedule.steps == steps


def test_a_point_overrides_the_schedule_of_the_study() -> None:
    point = {"learning_rate": 2.0, "warmup_fraction": 0.5, "decay_power": 1.0, "beta1": 0.5}
    schedule = Schedule(warmup_fraction=0.1, end_factor=0.01)
    made = make_configuration("shampoo", point, schedule, 10)
    assert made.options == ShampooConfig(beta1=0.5)
    assert dataclasses.asdict(made.schedule) == {
        "learning_rate": 2.0, "steps": 10, "warmup_steps": 5, "warmup_power": 1.0,
        "decay_power": 1.0, "end_factor": 0.01,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ({"beta1": 0.5}, "missing option 'learning_rate'"),
        ({"learning_rate": 1.0, "momentum": 0.5}, "unknown option 'momentum'"),
        ({"learning_rate": 1.0, "beta1": 1.0}, "beta1 must be in"),
    ],
)
def test_a_point_that_cannot_train_is_refused(point: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        make_configuration("shampoo", point, Schedule(), 10)
