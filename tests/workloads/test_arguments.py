"""Arguments of workloads: what is taken, what is refused and in what words."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads import WORKLOADS, make_workload
from shampoo_tune.workloads.arguments import Argument, ArgumentProblem, complete, no_rule

WHOLE = Argument(int, "a count", 2, low=1)
NUMBER = Argument(float, "a deviation", 0.5, low=0)
TEXT = Argument(str, "a name", "a")
KNOWN = {"count": WHOLE, "deviation": NUMBER, "name": TEXT}


@pytest.mark.parametrize(
    ("argument", "value", "rule"),
    [
        (WHOLE, 0, "must be a whole number >= 1, got 0"),
        (WHOLE, 1.5, "must be a whole number >= 1, got 1.5"),
        (WHOLE, "2", "must be a whole number >= 1, got '2'"),
        (WHOLE, True, "must be a whole number >= 1, got True"),
        (WHOLE, None, "must be a whole number >= 1, got None"),
        (WHOLE, 10**400, f"must be a whole number <= 2.14748e+09, got {10**400}"),
        (NUMBER, 10**400, f"must be a number <= 1.79769e+308, got {10**400}"),
        (NUMBER, -1, "must be a number >= 0, got -1"),
        (NUMBER, float("inf"), "must be a number <= 1.79769e+308, got inf"),
        (NUMBER, float("nan"), "must be a number >= 0, got nan"),
        (TEXT, 3, "must be a text that is not empty, got 3"),
        (TEXT, "", "must be a text that is not empty, got ''"),
    ],
)
def test_a_wrong_value_is_refused_with_the_rule(argument: Argument, value: Any, rule: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        argument.checked(value)
    assert str(caught.value) == rule


@given(st.integers(1, 10**9))
def test_a_whole_number_may_be_written_as_a_float(value: int) -> None:
    checked = WHOLE.checked(float(value))
    assert (checked, type(checked)) == (value, int)


@given(st.floats(0, 1e300))
def test_a_number_stays_what_it_is(value: float) -> None:
    assert NUMBER.checked(value) == value


def test_what_is_not_given_has_its_default() -> None:
    values, problems = complete(KNOWN, {"deviation": 1}, no_rule)
    assert values == {"count": 2, "deviation": 1.0, "name": "a"}
    assert problems == []


def test_rules_are_asked_only_when_every_value_is_what_it_may_be() -> None:
    def rule(values: Mapping[str, Any]) -> Iterator[ArgumentProblem]:
        yield ArgumentProblem("count", f"must be even, got {values['count']}", "for example 4")

    _, problems = complete(KNOWN, {"count": 3, "name": "b"}, rule)
    assert list(map(str, problems)) == ["count: must be even, got 3 (for example 4)"]
    _, problems = complete(KNOWN, {"count": 0, "name": 1}, rule)
    assert [problem.name for problem in problems] == ["count", "name"]


def test_a_workload_is_not_built_from_wrong_arguments() -> None:
    with pytest.raises(InvalidInputError) as caught:
        make_workload("quadratic", 4, label_smoothing=0.1, row=3, noise=-1)
    assert str(caught.value) == (
        "workload quadratic: unknown argument 'row' (known: rows, columns, condition, noise); "
        "noise: must be a number >= 0, got -1; there are no labels to smooth"
    )
    with pytest.raises(InvalidInputError, match=r"unknown argument 'depth' \(known: none\)"):
        make_workload("mlp_digits", 4, depth=3)


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_default_is_what_its_argument_may_be(name: str) -> None:
    entry = WORKLOADS[name]
    defaults, problems = entry.complete({})
    assert entry.complete(defaults) == (defaults, [])
    assert problems == []
    assert list(entry.files(defaults)) == []


def test_a_description_tells_the_arguments() -> None:
    told = WORKLOADS["transformer_lm"].describe({"layers": 3, "text": "a.txt"})
    assert "3 layers of width 64" in told
    assert "of a.txt" in told
