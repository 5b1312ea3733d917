"""What the tuner trained with is what a loaded file makes: real runs of its trainer are the record.

Everything is compared on one device with the threads of `tests/conftest.py`.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import shampoo_tune
from shampoo_tune.best_config import BestConfig
from shampoo_tune.best_file import as_yaml
from shampoo_tune.optimizer import build
from shampoo_tune.optimizer.config import (
    OPTIMIZERS,
    Configuration,
    WarmupPolynomialConfig,
    make_options,
)
from shampoo_tune.optimizer.pytrees import as_arrays
from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.seeds import stream_key
from shampoo_tune.workloads.trainer import Trainer
from shampoo_tune.workloads.workload import Workload

STEPS = 4
PEAKS = {
    "shampoo": 1.0, "nesterov": 0.3, "lars": 5.0, "adamw": 0.01, "nadamw": 0.01, "lamb": 0.02,
    "sm3": 0.1, "muon": 0.05, "schedule_free": 0.01,
}  # fmt: skip
OPTIONS: dict[str, dict[str, Any]] = {
    "shampoo": {"beta1": 0.68, "beta2": 0.69, "matrix_epsilon": 4.284e-4, "exponent_override": 4,
                "weight_decay": 1e-4, "start_preconditioning_step": 2,
                "block_size": 64},
    "nesterov": {"momentum": 0.77, "weight_decay": 1e-4},
    "adamw": {"beta1": 0.83, "weight_decay": 1e-2},
}  # fmt: skip


class Recorded(NamedTuple):
    """An optimizer's state, and what its last call was given and gave."""

    inner: Any
    gradients: Any
    updates: Any


class Call(NamedTuple):
    """One step of a run: what the optimizer saw, did and kept."""

    params: Any
    gradients: Any
    updates: Any
    state: Any
    batch: Any


def recorded(hyperparameters: Any) -> optax.GradientTransformation:
    """The tuner's optimizer, which also keeps its last call."""
    arm = build(hyperparameters)

    def init(params: Any) -> Recorded:
        zeros = jax.tree.map(jnp.zeros_like, params)
        return Recorded(arm.init(params), zeros, zeros)

    def update(gradients: Any, state: Recorded, params: Any) -> tuple[Any, Recorded]:
        updates, inner = arm.update(gradients, state.inner, params)
        return updates, Recorded(inner, gradients, updates)

    return optax.GradientTransformation(init, update)


def run(workload: Workload, configuration: Configuration) -> Iterator[Call]:
    """A run of the tuner's trainer, step by step."""
    trainer, numbers = Trainer(workload, recorded), as_arrays(configuration)
    progress, key = trainer.start(numbers, 0), stream_key(0, "dropout")
    for _, batch in zip(range(STEPS), workload.batches(0, 0), strict=False):
        params = jax.tree.map(np.asarray, progress.params)  # the step gives up its memory
        progress = trainer.step(progress, numbers, batch, key)
        kept = jax.tree.map(np.asarray, progress.optimizer_state)
        yield Call(params, kept.gradients, kept.updates, kept.inner, batch)


def configuration(optimizer: str) -> Configuration:
    return Configuration(
        optimizer=optimizer,
        options=make_options(optimizer, OPTIONS.get(optimizer, {})),
        schedule=WarmupPolynomialConfig(
            learning_rate=PEAKS[optimizer], steps=STEPS, warmup_steps=1
        ),
    )


def loaded(folder: Path, config: Configuration) -> optax.GradientTransformation:
    path = folder / "best.yaml"
    path.write_text(as_yaml(BestConfig(config, {}, {}).to_document()))
    return shampoo_tune.load(path).optimizer()


@cache
def digits() -> Workload:
    return make_workload(name="mlp_digits", batch_size=128)


@cache
def parabola() -> Workload:
    return make_workload(name="quadratic", batch_size=8, rows=5, columns=4, noise=0.1)


def assert_same_bits(one: Any, other: Any) -> None:
    jax.tree.map(np.testing.assert_array_equal, one, other)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_updates_and_state_are_those_of_the_tuned_run_to_the_bit(
    tmp_path: Path, optimizer: str
) -> None:
    config, workload = configuration(optimizer), parabola()
    if optimizer == "shampoo":
        workload = digits()
    production = loaded(tmp_path, config)
    update, state = jax.jit(production.update), None
    for call in run(workload, config):
        state = state or jax.jit(production.init)(call.params)
        updates, state = update(call.gradients, state, call.params)
        assert_same_bits(updates, call.updates)
        assert_same_bits(state.inner, call.state)


def test_inside_a_foreign_step_a_call_is_the_same_up_to_1e_6(tmp_path: Path) -> None:
    """Another loss, its gradient clipped, an average of the parameters: a program of its own."""
    production, workload = loaded(tmp_path, configuration("shampoo")), parabola()

    @jax.jit
    def step(params: Any, average: Any, state: Any, batch: Any) -> Any:
        def loss(params: Any) -> Any:
            plain, _ = workload.loss(params, {}, batch, stream_key(0, "dropout"))
            return 3 * plain + 1e-3 * optax.tree.norm(params, squared=True)

        gradients = jax.grad(loss)(params)
        gradients = jax.tree.map(lambda g: jnp.clip(0.5 * g, -1, 1), gradients)
        updates, state = production.update(gradients, state, params)
        params = optax.apply_updates(params, updates)
        average = jax.tree.map(lambda a, p: 0.9 * a + 0.1 * p, average, params)
        return params, average, state, gradients, updates

    alone = jax.jit(production.update)
    params, _ = workload.init(stream_key(0, "init"))
    average, state = params, jax.jit(production.init)(params)
    for _, batch in zip(range(STEPS), workload.batches(0, 0), strict=False):
        before, kept = params, state
        params, average, state, gradients, updates = step(before, average, kept, batch)
        wanted, _ = alone(gradients, kept, before)
        assert distance(updates, wanted) <= 1e-6


def distance(one: Any, other: Any) -> float:
    """The largest relative difference of two tensors of a tree, by Frobenius norm."""

    def relative(a: Any, b: Any) -> float:
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        return float(np.linalg.norm(a - b)) / max(float(np.linalg.norm(b)), 1e-30)

    return max(map(float, jax.tree.leaves(jax.tree.map(relative, one, other))))
