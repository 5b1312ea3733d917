"""How a range is made narrower or wider: invariants, then examples by hand."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.optimizer.allowed_values import Allowed
from shampoo_tune.optimizer.config import OPTIMIZERS
from shampoo_tune.tuner.configuration import arm_options
from shampoo_tune.tuner.narrowing import MIN_WIDTH, Edges, refined_choice, refined_range
from shampoo_tune.tuner.parameters import Choice, Range
from shampoo_tune.tuner.study_file.file_errors import StudyFileError
from shampoo_tune.tuner.study_file.loading import parse_study_file
from shampoo_tune.tuner.study_file.parameter_forms import option_kind, range_refusal
from tests.tuner.study_file.minimal import KNOWN
from tests.tuner.test_parameters import real_ranges, whole_ranges

ANY = Allowed()
UNITS = st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=12)
TUNABLE = [
    option
    for arm in OPTIMIZERS
    for option in arm_options(arm).values()
    if range_refusal(option) is None
]


@given(real_ranges() | whole_ranges(), UNITS)
def test_a_narrowed_range_is_inside_the_old_one_and_holds_the_best(
    domain: Range, best: list[float]
) -> None:
    new = refined_range(domain, best, ANY)
    assert domain.low <= new.low < new.high <= domain.high
    assert (new.scale, new.whole) == (domain.scale, domain.whole)
    for unit in best:
        assert -1e-6 <= new.unit(domain.at(unit)) <= 1 + 1e-6


@given(real_ranges() | whole_ranges(), UNITS)
def test_a_third_of_the_old_range_is_kept(domain: Range, best: list[float]) -> None:
    new = refined_range(domain, best, ANY)
    half = 0.5 if domain.whole else 0.0
    width = domain.unit(new.high + half) - domain.unit(new.low - half)
    assert width >= MIN_WIDTH - 1e-6


@given(real_ranges() | whole_ranges())
def test_best_trials_at_both_ends_keep_the_whole_range(domain: Range) -> None:
    assert refined_range(domain, [0.0, 0.5, math.nextafter(1, 0)], ANY) == domain
    assert refined_range(domain, [], ANY) == domain


def test_the_margin_is_unbiased_for_best_trials_spread_over_an_interval() -> None:
    """The mean of the estimated ends over many draws of ten points in [0.3, 0.8]."""
    rng = np.random.default_rng(0)
    domain = Range(0.0, 9.0)  # outward rounding is to 0.01
    ends = [refined_range(domain, list(rng.uniform(0.3, 0.8, 10)), ANY) for _ in range(4000)]
    assert all(r.low > 0 and r.high < 9 for r in ends)
    assert np.mean([r.low for r in ends]) / 9 == pytest.approx(0.3, abs=0.003)
    assert np.mean([r.high for r in ends]) / 9 == pytest.approx(0.8, abs=0.003)


@pytest.mark.parametrize(
    ("domain", "best", "expected"),
    [
        # One point in the middle of two decades: a third of the scale round it.
        (Range(0.01, 1.0, "log"), [0.5], Range(0.0464, 0.216, "log")),
        # Near an end the third is moved inside.
        (Range(0.01, 1.0, "log"), [0.0], Range(0.01, 0.0465, "log")),
        # Hull 0.4 to 0.6 with a margin of 0.2 / (2 - 1).
        (Range(0.0, 10.0), [0.4, 0.6], Range(2.0, 8.0)),
        # In log(1 - x): from 1 - 0.1 ** 0.75 to 1 - 0.1 ** 2.25, digits of 1 - x.
        (Range(0.0, 0.999, "one_minus_log"), [0.5], Range(0.9, 0.99, "one_minus_log")),
        (Range(0.0, 0.999, "one_minus_log"), [0.3, 0.7], Range(0.0, 0.999, "one_minus_log")),
        (Range(1, 9, whole=True), [0.5], Range(4, 6, whole=True)),
        (Range(1, 2, whole=True), [0.25], Range(1, 2, whole=True)),
        (Range(1, 3, whole=True), [0.1], Range(1, 2, whole=True)),
    ],
)
def test_examples_of_narrowing(domain: Range, best: list[float], expected: Range) -> None:
    assert refined_range(domain, best, ANY) == expected


@pytest.mark.parametrize(
    ("domain", "allowed", "edges", "expected"),
    [
        (Range(0.1, 10.0, "log"), Allowed(0, open_low=True), Edges(low=-0.5), 0.01),
        (Range(2.0, 4.0), Allowed(0), Edges(low=-0.5), 1.0),
        (Range(0.5, 4.0), Allowed(0), Edges(low=-0.5), 0.0),
        (Range(0.0, 4.0), Allowed(0), Edges(low=-0.5), 0.0),
        # An end that the option leaves out is approached by half.
        (Range(0.5, 4.0), Allowed(0, open_low=True), Edges(low=-0.5), 0.25),
        (Range(0.5, 0.9, "one_minus_log"), Allowed(0, 1, open_high=True), Edges(low=-0.5), 0.0),
        (Range(3, 9, whole=True), Allowed(1), Edges(low=-0.5), 1),
        (Range(1, 9, "log", whole=True), Allowed(0), Edges(low=-0.5), 1),
    ],
)
def test_a_low_end_is_moved_out_as_far_as_the_option_goes(
    domain: Range, allowed: Allowed, edges: Edges, expected: float
) -> None:
    assert refined_range(domain, [0.0, 0.05], allowed, edges).low == expected


@pytest.mark.parametrize(
    ("domain", "allowed", "expected"),
    [
        (Range(0.1, 10.0, "log"), Allowed(0), 100.0),
        (Range(0.0, 0.99, "one_minus_log"), Allowed(0, 1, open_high=True), 0.999),
        (Range(0.2, 0.6), Allowed(0, 1, open_high=True), 0.8),
        (Range(0.2, 0.9), Allowed(0, 1), 1.0),
        (Range(0.2, 0.9), Allowed(0, 1, open_high=True), 0.95),
        (Range(0.5, 0.9, "log"), Allowed(0, 1), 1.0),
        (Range(1, 9, whole=True), Allowed(1), 14),
    ],
)
def test_a_high_end_is_moved_out_as_far_as_the_option_goes(
    domain: Range, allowed: Allowed, expected: float
) -> None:
    new = refined_range(domain, [0.97, 0.99], allowed, Edges(high=1.5))
    assert new.high == expected
    assert new.low > domain.low


@pytest.mark.parametrize(("rest", "edge"), [(1e-9, 1.5), (1e-12, 1.5), (1e-15, 3.0)])
def test_an_end_just_below_1_moves_towards_it(rest: float, edge: float) -> None:
    domain = Range(0.5, 1 - rest, "one_minus_log")
    new = refined_range(domain, [0.97, 0.99], Allowed(low=0.0, high=1.0), Edges(high=edge))
    assert domain.high < new.high < 1


@given(
    st.sampled_from(TUNABLE),
    real_ranges() | whole_ranges(),
    UNITS,
    st.sampled_from([Edges(), Edges(low=-0.5), Edges(high=1.5), Edges(-0.5, 1.5)]),
)
def test_a_refined_range_of_any_option_loads_if_the_old_one_does(
    option: "dataclasses.Field[object]", domain: Range, best: list[float], edges: Edges
) -> None:
    if (domain.whole or option_kind(option) == "float") and loads(option.name, domain):
        new = refined_range(domain, best, option.metadata["allowed"], edges)
        assert loads(option.name, new)
        assert not (edges.low and new.low > domain.low)
        assert not (edges.high and new.high < domain.high)


def loads(name: str, domain: Range) -> bool:
    arm = next(arm for arm in OPTIMIZERS if name in arm_options(arm))
    rate = "" if name == "learning_rate" else "learning_rate: 1, "
    kind = "int" if domain.whole else "float"
    form = f"{{min: {domain.low}, max: {domain.high}, scale: {domain.scale}, type: {kind}}}"
    text = (
        "version: 1\nname: a\nworkload: {name: resnet_digits}\nbudget: {steps: 9}\n"
        f"optimizers: {{{arm}: {{{rate}{name}: {form}}}}}\n"
    )
    try:
        study = parse_study_file(text, "f.yaml", (), KNOWN).study
    except StudyFileError:
        return False
    # The text is exact: what loads is the very range.
    assert study.arms[0].space.parameters[-1].domain == domain
    return True


def test_choices_keep_the_order_of_the_file() -> None:
    domain = Choice((0.0, 2.0, 4.0, None))
    assert refined_choice(domain, [None, 2.0, 2.0]) == Choice((2.0, None))
    assert refined_choice(domain, []) == domain
