"""Steps compiled for TPUs that are not here, by TPU's own compiler."""

import importlib.util
from dataclasses import replace

import pytest

from benchmarks.tpu import PRECISIONS, check_precisions
from shampoo_tune.optimizer.config import Configuration, ShampooConfig, WarmupPolynomialConfig
from shampoo_tune.tuner.planning.arm_plan import ArmPlan, Step, compiled_step
from shampoo_tune.tuner.planning.chips import CHIPS
from shampoo_tune.tuner.planning.compiling import Job, compile_step
from tests.conftest import REQUIRED_PARTS

pytestmark = pytest.mark.skipif(
    not importlib.util.find_spec("libtpu") and "tpu" not in REQUIRED_PARTS,
    reason="TPU's compiler is not installed: pip install 'shampoo-tune[tpu]'",
)
WORKLOAD = {"name": "mlp_digits", "batch_size": 64}
SHAMPOO = Configuration(
    optimizer="shampoo",
    options=ShampooConfig(block_size=32),
    schedule=WarmupPolynomialConfig(learning_rate=0.1, steps=10),
).to_json()


@pytest.fixture(scope="module")
def step() -> Step:
    return compiled_step("v3:2x2", WORKLOAD, SHAMPOO)


@pytest.fixture(scope="module")
def sgd() -> Step:
    return compiled_step("v3:2x2", WORKLOAD, None)


def test_the_products_of_a_step_are_those_of_its_layers(sgd: Step) -> None:
    assert sgd.program is not None
    assert sgd.program["cores"] == 8
    layers = 64 * 128 + 128 * 128 + 128 * 10
    forward = 2 * 64 / 8 * layers
    backward = 2 * forward - 2 * 64 / 8 * 64 * 128  # no gradient of the images
    assert sgd.program["flops"] == {"bf16": pytest.approx(forward + backward)}
    assert sgd.program["root_flops"] == 0


def test_gradients_are_summed_over_all_cores(sgd: Step) -> None:
    assert sgd.program is not None
    gradients = 4 * 26_122
    assert sgd.program["collective_bytes"] == pytest.approx(2 * gradients * 7 / 8, rel=0.02)


def test_shampoo_computes_roots_in_float32_with_a_limit_of_rounds(step: Step, sgd: Step) -> None:
    assert step.program is not None
    assert step.program["root_flops"] > 0
    assert 1 / 8 <= step.program["root_work_share"] < 1 / 4
    assert sgd.program is not None
    assert sgd.program["root_work_share"] is None
    assert step.program["flops"]["bf16x6"] > 0
    assert step.program["limited_loops"]
    assert all(step.program["limited_loops"])
    assert step.state_bytes > sgd.state_bytes


def test_products_have_the_precision_that_shampoo_asks_for(step: Step, sgd: Step) -> None:
    """In the program that would run: a compiler might take its precisions from elsewhere."""
    check_precisions(step)
    assert sgd.program is not None
    assert sgd.program["precisions"] == {"statistics": [], "roots": [], "application": []}


def test_the_benchmark_refuses_a_program_of_less_precision(step: Step) -> None:
    precisions = {**PRECISIONS, "application": ["bf16", "bf16x3"]}
    worse = replace(step, program={**(step.program or {}), "precisions": precisions})
    with pytest.raises(SystemExit, match=r"'bf16', 'bf16x3'.*but Shampoo needs"):
        check_precisions(worse)


def test_estimates_lie_by_the_bounds_and_the_state_in_the_memory(step: Step, sgd: Step) -> None:
    plan = ArmPlan(step, sgd, CHIPS["v3"])
    document = plan.to_json()
    assert 0 < document["lower_bound_seconds"] < document["upper_bound_seconds"]
    assert document["step_ratio"] > 1
    assert document["fits"] is True
    assert document["memory_bytes_per_core"] > step.state_bytes


def test_a_slice_that_does_not_exist_is_blamed_by_the_compilers_own_words() -> None:
    with pytest.raises(Exception, match="compiling for v3:3x5 failed"):
        compile_step(Job("v3:3x5", WORKLOAD, None))
