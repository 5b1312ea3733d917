"""When one arm may be said to need fewer steps than another."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from shampoo_tune.tuner.ladder.ratios import Crossings, compare_steps
from shampoo_tune.tuner.ladder.result import Ratio

SMALLEST, LARGEST = 10.0, 40.0


def arm(
    name: str, by_study: Sequence[float], resampled: Sequence[float] | None = None
) -> Crossings:
    """An arm whose value is the middle one of its studies."""
    return Crossings(
        arm=name,
        value=float(np.median(by_study)),
        by_study=tuple(by_study),
        resampled=np.array(by_study if resampled is None else resampled, float),
        smallest=SMALLEST,
        largest=LARGEST,
    )


def compare(first: Crossings, second: Crossings) -> Ratio:
    (ratio,) = compare_steps([first, second], "studies")
    return ratio


FAST, SLOW = (20.0, 21.0, 19.5, 20.5), (30.0, 32.0, 29.0, 31.0)


def test_fewer_steps_in_every_study_are_fewer_steps() -> None:
    ratio = compare(arm("a", FAST), arm("b", SLOW))
    assert ratio.fewer == "a"
    assert ratio.ratio == pytest.approx(20.25 / 30.5)
    assert ratio.p_value is not None
    assert ratio.p_value < 0.001
    assert compare(arm("b", SLOW), arm("a", FAST)).fewer == "a"


def test_three_studies_that_agree_by_chance_are_not_enough() -> None:
    """All differences have one sign, so the bootstrap excludes 1; the t-test does not."""
    ratio = compare(arm("a", (20.0, 20.0, 20.0)), arm("b", (20.2, 24.0, 30.0)))
    assert ratio.interval is not None
    assert ratio.interval.high < 1
    assert ratio.fewer is None


def test_one_study_claims_nothing() -> None:
    (ratio,) = compare_steps([arm("a", (20.0,)), arm("b", (35.0,))], "seeds")
    assert ratio.ratio == pytest.approx(20 / 35)
    assert (ratio.p_value, ratio.fewer) == (None, None)


@pytest.mark.parametrize("open_end", [SMALLEST, math.inf])
def test_an_arm_that_does_not_cross_inside_has_no_ratio(open_end: float) -> None:
    ratio = compare(arm("a", FAST), arm("b", (open_end,) * 4))
    assert (ratio.ratio, ratio.interval, ratio.p_value, ratio.fewer) == (None, None, None, None)


def test_one_study_that_does_not_cross_inside_forbids_the_claim() -> None:
    ratio = compare(arm("a", FAST), arm("b", (30.0, 32.0, 29.0, math.inf)))
    assert ratio.ratio is not None
    assert (ratio.p_value, ratio.fewer) == (None, None)


def test_open_ends_of_resamples_leave_the_interval_open() -> None:
    inside = [20.0] * 90
    first = arm("a", FAST, inside + [20.0] * 10)
    above = compare(first, arm("b", FAST, inside + [math.inf] * 10)).interval
    below = compare(first, arm("b", FAST, inside + [SMALLEST] * 10)).interval
    assert above is not None
    assert below is not None
    assert (above.low, above.high) == (0.0, 1.0)  # 20 against more than 40: anything below a half
    assert (below.low, below.high) == (1.0, math.inf)  # 20 against at most 10: anything above 2


def test_p_values_are_adjusted_for_the_number_of_pairs() -> None:
    alone = compare(arm("a", FAST), arm("b", SLOW)).p_value
    pairs = compare_steps([arm("a", FAST), arm("b", SLOW), arm("c", SLOW)], "studies")
    together = pairs[0].p_value
    assert alone is not None
    assert together is not None
    assert together == pytest.approx(3 * alone)
