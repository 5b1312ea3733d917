"""The volume of a search space in decades."""

import math

import pytest

from shampoo_tune.tuner.comparison.space_size import decades
from shampoo_tune.tuner.parameters import Choice, Fixed, Parameter, Range, SearchSpace


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        (Range(1e-6, 1e-1, "log"), 5.0),
        (Range(0.9, 0.999, "one_minus_log"), 2.0),
        (Choice((0, 2, 4, 8)), math.log10(4)),
        (Range(0.02, 0.3), 0.0),
        (Fixed(3.0), 0.0),
    ],
)
def test_each_kind_of_dimension(domain: Range | Choice | Fixed, expected: float) -> None:
    assert decades(SearchSpace((Parameter("x", domain),))) == pytest.approx(expected)


def test_a_space_is_as_large_as_the_product_of_its_dimensions() -> None:
    space = SearchSpace((Parameter("x", Range(1, 100, "log")), Parameter("y", Range(1, 10, "log"))))
    assert decades(space) == pytest.approx(3.0)
