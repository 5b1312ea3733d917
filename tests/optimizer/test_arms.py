"""One compiled step for many trials, and what every arm has in common."""

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.optimizer import build
from shampoo_tune.optimizer.config import (
    OPTIMIZERS,
    Configuration,
    WarmupPolynomialConfig,
    make_options,
)
from shampoo_tune.optimizer.pytrees import as_arrays

# Two trials of each arm: every number that may differ without recompiling differs.
TRIALS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "shampoo": (
        {
            "matrix_epsilon": 1e-3,
            "weight_decay": 0.1,
            "start_preconditioning_step": 1,
            "merge_small_dims_block_size": 3,
        },
        {
            "merge_small_dims_block_size": 3,
            "beta1": 0.5,
            "beta2": 1.0,
            "matrix_epsilon": 1e-2,
            "diagonal_epsilon": 1e-6,
            "exponent_override": 3.0,
            "weight_decay": 0.0,
            "start_preconditioning_step": 0,
            "preconditioning_compute_steps": 2,
            "statistics_compute_steps": 2,
            "inverse_failure_threshold": 0.01,
        },
    ),
    "nesterov": ({"weight_decay": 0.1}, {"momentum": 0.5}),
    "lars": ({"weight_decay": 0.1}, {"momentum": 0.5, "trust_coefficient": 0.1, "epsilon": 0.1}),
    "adamw": ({"weight_decay": 0.1}, {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}),
    "nadamw": ({"weight_decay": 0.1}, {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}),
    "lamb": ({"weight_decay": 0.1}, {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}),
    "sm3": ({"weight_decay": 0.1}, {"momentum": 0.5, "epsilon": 1e-3}),
    "muon": (
        {"weight_decay": 0.1},
        {"momentum": 0.5, "update_rms": 0.5, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3},
    ),
    "schedule_free": ({"weight_decay": 0.1}, {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}),
}
SCHEDULES = (
    WarmupPolynomialConfig(learning_rate=0.1, steps=10),
    WarmupPolynomialConfig(
        learning_rate=0.3,
        steps=20,
        warmup_steps=2,
        warmup_power=2.0,
        decay_power=1.0,
        end_factor=0.1,
    ),
)
PARAMS = {"kernel": np.full((3, 3), 0.5, np.float32), "bias": np.ones(3, np.float32)}
CALLS = 4


def configuration(optimizer: str, trial: int) -> Configuration:
    return Configuration(
        optimizer=optimizer,
        options=make_options(optimizer, TRIALS[optimizer][trial]),
        schedule=SCHEDULES[trial],
    )


def gradients(call: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(call)
    return {k: rng.standard_normal(p.shape, np.float32) for k, p in PARAMS.items()}


def trajectory(initial: Any, step: Any) -> list[Any]:
    state, updates = initial, []
    for call in range(CALLS):
        update, state = step(gradients(call), state)
        updates.append(update)
    return updates


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_one_compiled_step_serves_trials_with_other_numbers_and_equals_their_own(
    optimizer: str,
) -> None:
    traces = []

    @jax.jit
    def initial(configuration: Configuration) -> Any:
        return build(configuration).init(PARAMS)

    @jax.jit
    def step(configuration: Configuration, gradients: Any, state: Any) -> Any:
        traces.append(configuration.optimizer)
        return build(configuration).update(gradients, state, PARAMS)

    for trial in (0, 1):
        plain = configuration(optimizer, trial)
        arrays = as_arrays(plain)
        traced = trajectory(initial(arrays), lambda g, s, a=arrays: step(a, g, s))
        own = build(plain)
        baked = trajectory(own.init(PARAMS), jax.jit(lambda g, s, o=own: o.update(g, s, PARAMS)))
        for mine, theirs in zip(traced, baked, strict=True):
            for k in PARAMS:
                np.testing.assert_allclose(mine[k], theirs[k], rtol=1e-5, atol=1e-7)
    assert len(traces) == 1


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_two_trials_do_differ(optimizer: str) -> None:
    moved = []
    for trial in (0, 1):
        own = build(configuration(optimizer, trial))
        updates = trajectory(own.init(PARAMS), jax.jit(lambda g, s, o=own: o.update(g, s, PARAMS)))
        moved.append(updates[-1]["kernel"])
    assert not np.allclose(moved[0], moved[1], rtol=1e-2)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_steps_go_downhill_once_negated(optimizer: str) -> None:
    """A gradient of ones from zero parameters: every arm's first step is negative everywhere."""
    own = build(configuration(optimizer, 0))
    params = jax.tree.map(jnp.zeros_like, PARAMS)
    ones = jax.tree.map(jnp.ones_like, params)
    updates, _ = jax.jit(own.update)(ones, own.init(params), params)
    assert all(np.all(update < 0) for update in updates.values())


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_weight_decay_leaves_biases_alone(optimizer: str) -> None:
    results = []
    for decay in (0.0, 0.5):
        plain = configuration(optimizer, 0)
        options = dataclasses.replace(plain.options, weight_decay=decay)
        own = build(dataclasses.replace(plain, options=options))
        results.append(jax.jit(own.update)(gradients(0), own.init(PARAMS), PARAMS)[0])
    np.testing.assert_array_equal(results[0]["bias"], results[1]["bias"])
    assert not np.allclose(results[0]["kernel"], results[1]["kernel"])
