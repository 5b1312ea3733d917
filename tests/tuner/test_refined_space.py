"""The reasons that a refined space gives, finding by finding."""

from typing import Literal

import pytest

from shampoo_tune.tuner.parameters import Choice, Fixed, Parameter, Range, SearchSpace
from shampoo_tune.tuner.refined_space import RefinedArm, refined_arm
from shampoo_tune.tuner.search_evidence import SearchEvidence
from shampoo_tune.tuner.statistics.boundary import EdgeFinding, Flag
from shampoo_tune.tuner.study_file.loading import Arm

PLACES = (0.02, 0.1, 0.3)
RATE = Range(0.1, 10.0, "log")
SPACE = SearchSpace((Parameter("learning_rate", RATE), Parameter("epsilon", Fixed(1e-8))))


def refine(
    flag: Flag | None, side: Literal["low", "high"] = "low", domain: Range = RATE
) -> RefinedArm:
    suggested = {"low": -0.5, "high": 1.5}[side] if flag == "expand" else None
    finding = EdgeFinding(0, side, 2, 3, 0.004, flag, suggested)
    name = "learning_rate" if domain is RATE else "weight_decay"
    space = SearchSpace((Parameter(name, domain), *SPACE.parameters[1:]))
    evidence = SearchEvidence(
        trials=20,
        feasible=18,
        leaders=tuple({name: domain.at(place)} for place in PLACES),
        places={name: PLACES},
        edges={name: (finding,)},
    )
    return refined_arm(Arm("adamw", "adamw", space), evidence)


@pytest.mark.parametrize(
    ("flag", "ending"),
    [
        (None, ""),
        ("expand", "; 2 of the best 3 crowd at the low end (p = 0.004): widened"),
        ("info", "; the best trial is near the low end"),
        ("stability limit", "; trials beyond the low end are infeasible: not widened"),
    ],
)
def test_each_finding_has_its_reason(flag: Flag | None, ending: str) -> None:
    refined = refine(flag)
    reason = refined.reasons["learning_rate"]
    assert reason == "was 0.1 to 10 (log); best: 0.11 to 0.398" + ending
    assert "epsilon" not in refined.reasons
    new = refined.arm.space.parameters[0].domain
    assert isinstance(new, Range)
    assert (new.low < 0.1) == (flag == "expand")
    assert new.high < 10


def test_an_end_that_cannot_move_says_so() -> None:
    refined = refine("expand", domain=Range(0.0, 1.0))
    assert refined.reasons["weight_decay"].endswith("which is the option's own: not widened")
    assert refined.arm.space.parameters[0].domain == Range(0.0, 0.44)


def test_the_high_end_moves_up() -> None:
    new = refine("expand", "high").arm.space.parameters[0].domain
    assert isinstance(new, Range)
    assert new.high == 100


def conditional(active: int) -> RefinedArm:
    """Five leaders, of which some have the order on which beta2 depends; none has order 0."""
    order = Parameter("exponent_override", Choice((0.0, 2.0, 4.0)))
    beta2 = Parameter("beta2", Range(0.5, 0.9), (("exponent_override", 2.0),))
    look_ahead = Parameter("nesterov", Choice((True, False)), (("exponent_override", 0.0),))
    beta1 = Parameter("beta1", Range(0.0, 0.9), (("nesterov", True),))
    space = SearchSpace((Parameter("learning_rate", RATE), order, beta2, look_ahead, beta1))
    units = [(0.5, 0.5 if n < active else 0.9, 0.4 + 0.02 * n, 0.5, 0.5) for n in range(5)]
    evidence = SearchEvidence(
        trials=20,
        feasible=20,
        leaders=tuple(space.point(unit) for unit in units),
        places={
            "learning_rate": (0.5,) * 5,
            "exponent_override": tuple(unit[1] for unit in units),
            "beta2": tuple(unit[2] for unit in units[:active]),
            "nesterov": (),
            "beta1": (),
        },
        edges={},
    )
    return refined_arm(Arm("shampoo", "shampoo", space), evidence)


@pytest.mark.parametrize("active", [1, 2, 3])
def test_a_condition_that_held_in_few_of_the_best_narrows_nothing(active: int) -> None:
    refined = conditional(active)
    parameters = {p.name: p for p in refined.arm.space.parameters}
    assert list(parameters) == ["learning_rate", "exponent_override", "beta2"]
    assert parameters["exponent_override"].domain == Choice((2.0, 4.0))
    assert ("too few to narrow it" in refined.reasons["beta2"]) == (active < 3)
    assert (parameters["beta2"].domain == Range(0.5, 0.9)) == (active < 3)
    assert f"active in {active} of the best 5" in refined.reasons["beta2"]
    assert set(refined.reasons) == set(parameters)


def test_a_parameter_goes_with_the_value_it_needs() -> None:
    refined = conditional(0)
    parameters = refined.arm.space.parameters
    assert [p.name for p in parameters] == ["learning_rate", "exponent_override"]
    assert parameters[1].domain == Fixed(4.0)
