"""Totals of studies, by hand."""

import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.study import Budget
from shampoo_tune.tuner.planning.arm_plan import ArmPlan, Step
from shampoo_tune.tuner.planning.bounds import bounds
from shampoo_tune.tuner.planning.chips import CHIPS, GIB, chip_of
from shampoo_tune.tuner.planning.study_cost import Place, runs_of_arm, study_cost

BUDGET = Budget(steps=36, trials=10, finalists=2, finalist_seeds=3, seeds=4, eval_every=10)


def plan(seconds: float | None, compiling: float = 0.0, state: int = 8) -> ArmPlan:
    sgd = Step(1.0, 4, 0.0)
    return ArmPlan(Step(seconds, state, compiling, evaluation_seconds=0.25), sgd, None)


def test_runs_are_those_of_all_phases_and_replicates() -> None:
    assert runs_of_arm(BUDGET) == 10 + 2 * 3 + 4
    assert runs_of_arm(Budget(steps=1, trials=2, finalists=3, finalist_seeds=5, seeds=7)) == 19
    twice = Budget(steps=1, trials=2, finalists=1, finalist_seeds=1, seeds=1, studies=2)
    assert runs_of_arm(twice) == 8


def test_hours_are_those_of_all_steps_and_evaluations() -> None:
    cost = study_cost({"a": plan(1.0), "b": plan(2.0, 7200, 16)}, BUDGET, Place(1, 2), 3.0)
    assert cost is not None
    assert cost.runs == 40
    seconds = 20 * (36 * 1.0 + 4 * 0.25) + 20 * (36 * 2.0 + 4 * 0.25)
    assert cost.core_hours == pytest.approx(seconds / 3600)
    assert cost.wall_hours == pytest.approx(seconds / 3600 / 2 + 2)
    assert cost.checkpoint_bytes == 2 * 16
    assert cost.price == pytest.approx(3 * seconds / 3600)


def test_a_slice_is_paid_for_by_the_chip() -> None:
    cost = study_cost({"a": plan(1.0)}, BUDGET, Place(cores=256, at_once=2, chips=256), 1.5)
    assert cost is not None
    hours = 20 * (36 + 1) / 3600
    assert cost.core_hours == pytest.approx(256 * hours)
    assert cost.price == pytest.approx(1.5 * 256 * hours / 2)


def test_what_does_not_fit_has_no_cost() -> None:
    assert study_cost({"a": plan(1.0), "b": plan(None)}, BUDGET, Place(1, 1), None) is None


def test_bounds_are_the_busiest_part_and_all_of_them_in_turn() -> None:
    chip = CHIPS["v3"]
    counted = {"matrix_flops": 61.5e12, "memory_bytes": 45e9, "collective_bytes": 14e9}
    found = bounds(counted, chip)  # of one of two cores
    assert found.lower == pytest.approx(1.0)
    assert found.upper == pytest.approx(1.0 + 0.1 + 0.1)


def test_memory_is_that_of_a_core() -> None:
    step = Step(1.0, 4, 0.0, program={"memory_used": 15 * GIB})
    assert ArmPlan(step, step, CHIPS["v3"]).fits
    assert ArmPlan(step, step, CHIPS["v5e"]).fits
    large = Step(None, 4, 0.0, program={"out_of_memory": 17 * GIB})
    assert ArmPlan(large, step, CHIPS["v3"]).fits is False
    assert ArmPlan(Step(1.0, 4, 0.0), step, None).fits is None


@pytest.mark.parametrize("name", ["v3", "v2:2x2", "v3:", "v3:2x", "v3:ax2", "v4-16"])
def test_a_name_that_is_no_topology_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(InvalidInputError, match="such as v3:16x8"):
        chip_of(name)


def test_topologies_have_the_chip_of_their_generation() -> None:
    assert chip_of("v3:16x8").cores == 2
    assert chip_of("v5e:16x16") is CHIPS["v5e"]
