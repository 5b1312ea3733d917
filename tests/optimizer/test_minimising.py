"""optax's common tests: every graft and every arm finds the minimum of two functions."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from shampoo_tune.optimizer import build, shampoo
from shampoo_tune.optimizer.config import (
    GRAFT_TYPES,
    OPTIMIZERS,
    Configuration,
    WarmupPolynomialConfig,
    make_options,
)

Tree = Any
Objective = Callable[[Tree], jax.Array]

# Peak learning rates of a linear decay; a third and the triple of each converge too.
LEARNING_RATES: dict[str, tuple[float, float]] = {
    # on the parabola, on Rosenbrock's function
    "none": (0.1, 0.003),
    "sgd": (0.03, 0.0005),
    "adagrad": (0.5, 0.1),
    "rmsprop": (0.03, 0.001),
    "rmsprop_normalized": (0.01, 0.001),
    "sqrt_n": (0.02, 0.001),
    "adagrad_normalized": (0.3, 0.03),
}

# Likewise, of every arm on the parabola, and what else it needs there.
ARMS: dict[str, tuple[float, dict[str, Any]]] = {
    "shampoo": (0.03, {}),
    "nesterov": (0.03, {}),
    "lars": (0.03, {"trust_coefficient": 0.1}),
    "adamw": (0.3, {}),
    "nadamw": (0.3, {}),
    "lamb": (0.1, {}),
    "sm3": (1.0, {}),
    "muon": (0.3, {}),
    "schedule_free": (0.3, {}),
}


def parabola() -> tuple[Tree, Tree, Objective]:
    """A vector and a matrix."""
    final = {"bias": jnp.array([1.0, -1.0, 1.0]), "kernel": jnp.array([[3.0, -2.0], [1.0, 4.0]])}
    start = {"bias": jnp.array([-1.0, 10.0, 1.0]), "kernel": jnp.zeros((2, 2))}
    return start, final, lambda params: optax.tree.norm(optax.tree.sub(params, final), squared=True)


def rosenbrock() -> tuple[Tree, Tree, Objective]:
    """A narrow valley."""
    return (
        jnp.zeros(2),
        jnp.ones(2),
        lambda params: (1 - params[0]) ** 2 + 100 * (params[1] - params[0] ** 2) ** 2,
    )


def minimised(optimizer: Any, start: Tree, objective: Objective, steps: int) -> Tree:
    """The parameters after so many steps, as one program."""

    @jax.jit
    def train(params: Tree) -> Tree:
        def step(carry: Any, _: Any) -> Any:
            params, state = carry
            updates, state = optimizer.update(jax.grad(objective)(params), state, params)
            return (optax.apply_updates(params, updates), state), None

        return jax.lax.scan(step, (params, optimizer.init(params)), length=steps)[0][0]

    return train(start)


@pytest.mark.parametrize("graft_type", GRAFT_TYPES)
def test_every_graft_finds_the_bottom_of_the_parabola(graft_type: str) -> None:
    start, final, objective = parabola()
    rate = optax.linear_schedule(LEARNING_RATES[graft_type][0], 0.0, 1000)
    found = minimised(shampoo(rate, graft_type=graft_type), start, objective, 1000)
    jax.tree.map(partial(np.testing.assert_allclose, atol=1e-2), found, final)


@pytest.mark.parametrize("graft_type", GRAFT_TYPES)
def test_every_graft_finds_the_end_of_rosenbrocks_valley(graft_type: str) -> None:
    start, final, objective = rosenbrock()
    rate = optax.linear_schedule(LEARNING_RATES[graft_type][1], 0.0, 3000)
    found = minimised(shampoo(rate, graft_type=graft_type), start, objective, 3000)
    np.testing.assert_allclose(found, final, atol=1e-2)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_arm_finds_the_bottom_of_the_parabola(optimizer: str) -> None:
    start, final, objective = parabola()
    learning_rate, options = ARMS[optimizer]
    configuration = Configuration(
        optimizer=optimizer,
        options=make_options(optimizer, options),
        schedule=WarmupPolynomialConfig(
            learning_rate=learning_rate,
            steps=1000,
            decay_power=0.0 if optimizer == "schedule_free" else 1.0,
        ),
    )
    found = minimised(build(configuration), start, objective, 1000)
    jax.tree.map(partial(np.testing.assert_allclose, atol=1e-2), found, final)
