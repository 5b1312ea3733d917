"""The training loop: real training on real data."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from shampoo_tune.study import Measurement, RunState
from shampoo_tune.workloads import make_workload, training
from shampoo_tune.workloads.seeds import stream_key
from shampoo_tune.workloads.trainer import Trainer
from shampoo_tune.workloads.training import NON_FINITE_METRIC, Outcome


def sgd(hyperparameters: Any) -> optax.GradientTransformation:
    rate = hyperparameters["learning_rate"]
    return optax.sgd(rate, momentum=hyperparameters["momentum"], nesterov=True)


def numbers(learning_rate: float, momentum: float = 0.9) -> dict[str, Any]:
    return {"learning_rate": np.float32(learning_rate), "momentum": np.float32(momentum)}


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    return Trainer(make_workload("mlp_digits", 128), sgd)


def train(
    trainer: Trainer, learning_rate: float = 0.1, seed: int = 0, steps: int = 20, every: int = 7
) -> tuple[Outcome, list[Measurement]]:
    measurements: list[Measurement] = []
    outcome = training.train(
        trainer,
        numbers(learning_rate),
        seed=seed,
        steps=steps,
        eval_every=every,
        on_measurement=measurements.append,
    )
    return outcome, measurements


def test_training_learns_the_digits(trainer: Trainer) -> None:
    outcome, measurements = train(trainer, steps=60, every=30)
    assert outcome.state is RunState.COMPLETED
    assert measurements[-1].metrics["valid_accuracy"] > 0.9
    assert measurements[-1].metrics["test_accuracy"] > 0.9
    assert measurements[-1].metrics["train_loss"] < measurements[0].metrics["train_loss"]


@pytest.mark.parametrize(
    ("steps", "every", "expected"),
    [(20, 7, [7, 14, 20]), (20, 10, [10, 20]), (20, 50, [20]), (1, 1, [1])],
)
def test_the_last_step_is_always_evaluated(
    trainer: Trainer, steps: int, every: int, expected: list[int]
) -> None:
    _, measurements = train(trainer, steps=steps, every=every)
    assert [m.step for m in measurements] == expected


def test_every_evaluation_has_all_metrics_of_the_contract(trainer: Trainer) -> None:
    _, measurements = train(trainer)
    names = ["train_loss", "valid_loss", "valid_accuracy", "test_loss", "test_accuracy"]
    assert [list(m.metrics) for m in measurements] == [names] * 3


def test_same_seed_same_bits_whatever_ran_before(trainer: Trainer) -> None:
    first = train(trainer, seed=5)[1]
    train(trainer, seed=6, learning_rate=0.3)
    assert train(trainer, seed=5)[1] == first
    assert train(Trainer(make_workload("mlp_digits", 128), sgd), seed=5)[1] == first
    assert train(trainer, seed=6)[1] != first


def test_one_compilation_serves_all_numbers_seeds_and_budgets() -> None:
    trainer = Trainer(make_workload("mlp_digits", 128), sgd)
    for learning_rate, seed, steps in [(0.1, 0, 3), (1, 1, 5), (1e-3, 2, 3), (0.0, 3, 1)]:
        train(trainer, learning_rate, seed, steps)
    assert trainer.compilations == 1


def test_warming_up_leaves_nothing_to_compile_and_changes_no_bit() -> None:
    warm = Trainer(make_workload("mlp_digits", 128), sgd)
    warm.trace(numbers(0.2))
    warm.warm_up(numbers(0.3))
    assert warm.compilations == 1
    cold = Trainer(make_workload("mlp_digits", 128), sgd)
    assert train(warm)[1] == train(cold)[1]
    assert warm.compilations == 1


def test_the_optimizers_memory_is_that_of_its_state(trainer: Trainer) -> None:
    state = trainer.start(numbers(0.1), seed=0).optimizer_state
    expected = sum(leaf.nbytes for leaf in jax.tree.leaves(state))
    assert trainer.optimizer_state_bytes(numbers(0.1)) == expected > 0


def test_an_averaging_optimizer_is_judged_by_its_average(trainer: Trainer) -> None:
    def averaging(hyperparameters: Any) -> optax.GradientTransformation:
        rate = hyperparameters["learning_rate"]
        return optax.contrib.schedule_free(optax.sgd(rate), rate)

    judged = []

    def evaluate(params: Any, state: Any, split: str) -> dict[str, float]:
        judged.append(params)
        return {}

    averager = Trainer(dataclasses.replace(trainer.workload, evaluate=evaluate), averaging)
    train(averager, steps=3)
    progress, batches = averager.start(numbers(0.1), 0), averager.workload.batches(0, 0)
    for _ in range(3):
        key = stream_key(0, "dropout")
        progress = averager.step(progress, numbers(0.1), next(batches), key)
    state, params = progress.optimizer_state, progress.params
    average = optax.contrib.schedule_free_eval_params(state, params)
    for found, mean, last in zip(*map(jax.tree.leaves, (judged[0], average, params)), strict=True):
        np.testing.assert_allclose(found, mean, rtol=1e-5, atol=1e-6)
        assert not np.allclose(found, last, rtol=1e-3)


def test_diverging_is_infeasible_and_names_the_first_bad_step(trainer: Trainer) -> None:
    outcome, measurements = train(trainer, learning_rate=1e30, steps=20, every=5)
    assert outcome.state is RunState.INFEASIBLE
    assert outcome.reason is not None
    step = int(outcome.reason.removeprefix("diverged at step "))
    assert 2 <= step <= 5  # the first step sees the initial weights
    assert all(m.step < step for m in measurements)


def test_a_gradient_that_is_not_finite_is_infeasible_though_the_loss_is(trainer: Trainer) -> None:
    workload = trainer.workload

    def loss(params: Any, state: Any, batch: Any, key: Any) -> Any:
        value, extra = workload.loss(params, state, batch, key)
        # The square root at 0 has an infinite slope and the value 0.
        return value + jnp.sqrt(jnp.sum(params["first"]["bias"] ** 2)), extra

    outcome, measurements = train(Trainer(dataclasses.replace(workload, loss=loss), sgd))
    assert outcome.reason == "diverged at step 1"
    assert measurements == []


def test_a_metric_that_is_not_finite_is_infeasible(trainer: Trainer) -> None:
    def evaluate(params: Any, state: Any, split: str) -> dict[str, float]:
        return {"loss": float("inf"), "accuracy": 0.5}

    workload = dataclasses.replace(trainer.workload, evaluate=evaluate)
    outcome, measurements = train(Trainer(workload, sgd))
    assert (outcome.state, outcome.reason) == (RunState.INFEASIBLE, NON_FINITE_METRIC)
    assert measurements == []


def test_an_error_in_the_code_is_raised_not_turned_into_a_verdict(trainer: Trainer) -> None:
    def evaluate(params: Any, state: Any, split: str) -> dict[str, float]:
        raise KeyError(split)

    with pytest.raises(KeyError):
        train(Trainer(dataclasses.replace(trainer.workload, evaluate=evaluate), sgd))


def test_the_outcome_tells_evaluation_apart_from_training(trainer: Trainer) -> None:
    outcome, _ = train(trainer, steps=40, every=1)
    assert 0 < outcome.evaluation_seconds < outcome.seconds
