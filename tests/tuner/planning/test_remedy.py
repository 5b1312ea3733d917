"""What would fit, by hand: a core has 16 GiB, of which programs may have 15.75."""

from typing import Any

import pytest

from shampoo_tune.tuner.planning.arm_plan import ArmPlan, Step
from shampoo_tune.tuner.planning.chips import CHIPS, GIB
from shampoo_tune.tuner.planning.remedy import remedy

FITS = Step(0.1, GIB, 1.0, program={"cores": 8, "memory_used": 15 * GIB})


def arms(used: float, state: float) -> dict[str, ArmPlan]:
    """One that fits and one that does not."""
    program: dict[str, Any] = {"cores": 8, "out_of_memory": used * GIB, "room": 15.75 * GIB}
    large = Step(None, int(state * GIB), 1.0, program=program)
    return {name: ArmPlan(step, FITS, CHIPS["v5e"]) for name, step in (("a", FITS), ("b", large))}


@pytest.mark.parametrize(
    ("used", "state", "microbatches", "expected"),
    [
        (30.75, 0.75, None, "a batch of about 512, or about 16 cores, would fit"),
        (30.75, 0.75, 1, "a batch of about 512, or about 16 cores, or about 2 microbatches, would"),
        (60.75, 0.75, 2, "a batch of about 256, or about 32 cores, or about 8 microbatches, would"),
        (15.76, 0.75, None, "a batch of about 1016, or about 9 cores, would fit"),
        (4000, 0.75, None, "about 2133 cores, would fit"),
        (30.75, 15.75, None, "the state alone is larger than a core's memory"),
    ],
)
def test_the_largest_step_decides_what_would_fit(
    used: float, state: float, microbatches: int | None, expected: str
) -> None:
    assert remedy(arms(used, state), 1024, microbatches).startswith(expected)


def test_a_step_that_was_refused_does_not_fit_though_the_chip_has_more() -> None:
    found = arms(15.9, 1)
    assert found["a"].fits
    assert found["b"].fits is False
    assert found["b"].room == 15.75 * GIB
