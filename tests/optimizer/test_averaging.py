"""Schedule-free AdamW against its formula in plain NumPy and against optax's."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer import schedule_free, warmup_polynomial
from shampoo_tune.optimizer.config import WarmupPolynomialConfig

BETA1, BETA2, EPSILON, DECAY, RATE = 0.8, 0.95, 1e-3, 0.1, 0.05
SHAPES = {"kernel": (4, 3), "bias": (3,)}
MASK = {"kernel": True, "bias": False}
OPTIONS = {"beta1": BETA1, "beta2": BETA2, "epsilon": EPSILON, "weight_decay": DECAY}
CALLS = 6
Tree = dict[str, np.ndarray]


def drawn(seed: int) -> Tree:
    rng = np.random.default_rng(seed)
    return {k: rng.standard_normal(s).astype(np.float32) for k, s in SHAPES.items()}


def trajectory(optimizer: optax.GradientTransformation) -> list[tuple[Any, Any]]:
    """The parameters and their averages after each step."""
    params: Any = jax.tree.map(jnp.asarray, drawn(0))
    state, update, seen = optimizer.init(params), jax.jit(optimizer.update), []
    for call in range(1, 1 + CALLS):
        updates, state = update(drawn(call), state, params)
        params = optax.apply_updates(params, updates)
        seen.append((params, optax.contrib.schedule_free_eval_params(state, params)))
    return seen


def test_parameters_and_average_are_the_formula_over_several_steps() -> None:
    """At a constant learning rate the average is the plain mean of the z."""
    found = trajectory(schedule_free(RATE, weight_decay_mask=MASK, **OPTIONS))
    for k in SHAPES:
        y = z = x = drawn(0)[k].astype(np.float64)
        v = np.zeros(SHAPES[k])
        for t in range(1, 1 + CALLS):
            g = drawn(t)[k]
            v = BETA2 * v + (1 - BETA2) * g**2
            direction = g / (np.sqrt(v / (1 - BETA2**t)) + EPSILON)
            z = z - RATE * (direction + DECAY * MASK[k] * y)
            x = (1 - 1 / t) * x + z / t
            y = (1 - BETA1) * z + BETA1 * x
            params, average = found[t - 1]
            np.testing.assert_allclose(params[k], y, rtol=1e-4, atol=1e-5)
            np.testing.assert_allclose(average[k], x, rtol=1e-4, atol=1e-5)


def test_without_a_mask_and_with_a_warm_up_it_equals_optax() -> None:
    schedule = optax.warmup_constant_schedule(0.0, RATE, 3)
    ours = trajectory(schedule_free(schedule, **OPTIONS))
    with jax.numpy_dtype_promotion("standard"):  # which optax itself needs
        theirs = trajectory(
            optax.contrib.schedule_free_adamw(
                RATE, warmup_steps=3, b1=BETA1, b2=BETA2, eps=EPSILON, weight_decay=DECAY
            )
        )
    jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-5, atol=1e-6), ours, theirs)


def test_decay_power_zero_makes_the_schedule_a_warm_up_alone() -> None:
    config = WarmupPolynomialConfig(learning_rate=RATE, steps=9, warmup_steps=3, decay_power=0.0)
    rates = [float(warmup_polynomial(config)(t)) for t in range(12)]
    np.testing.assert_allclose(rates, [RATE * min(t / 3, 1) for t in range(12)], rtol=1e-6)


def test_a_first_step_of_no_length_leaves_everything_finite() -> None:
    found = trajectory(schedule_free(0.0))
    for params, average in found:
        for k in SHAPES:
            np.testing.assert_allclose(params[k], drawn(0)[k], rtol=1e-6)
            np.testing.assert_allclose(average[k], drawn(0)[k], rtol=1e-5)


@pytest.mark.parametrize("beta1", [0.0, 1.0])
def test_the_average_has_a_share_and_not_the_whole(beta1: float) -> None:
    with pytest.raises(InvalidInputError, match=r"beta1 must be in \(0, 1\)"):
        schedule_free(0.1, beta1=beta1)
