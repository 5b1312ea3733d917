"""SM3 against its formula in plain NumPy and against optax's."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer import sm3

MOMENTUM, DECAY, EPSILON, RATE = 0.8, 0.1, 1e-3, 0.5
SHAPES: dict[str, tuple[int, ...]] = {
    "conv": (3, 2, 4), "kernel": (4, 3), "bias": (3,), "temperature": (),
}  # fmt: skip
MASK = {"conv": True, "kernel": True, "bias": False, "temperature": False}
Tree = dict[str, np.ndarray]


def drawn(seed: int) -> Tree:
    rng = np.random.default_rng(seed)
    return {k: np.asarray(rng.standard_normal(s), np.float32) for k, s in SHAPES.items()}


def accumulated(g: np.ndarray, accumulators: list[np.ndarray]) -> np.ndarray:
    """The entries' a, and the accumulators of all axes brought up to date in place."""
    if g.ndim < 2:
        accumulators[0] = accumulators[0] + g**2
        return accumulators[0]
    a = np.asarray(g**2 + np.minimum.reduce(np.broadcast_arrays(*accumulators)))
    for axis in range(g.ndim):
        others = tuple(i for i in range(g.ndim) if i != axis)
        accumulators[axis] = a.max(axis=others, keepdims=True)
    return a


def test_updates_are_the_formula_over_several_steps_for_tensors_of_every_rank() -> None:
    params = drawn(0)
    optimizer = sm3(
        RATE, momentum=MOMENTUM, epsilon=EPSILON, weight_decay=DECAY, weight_decay_mask=MASK
    )
    state = optimizer.init(params)
    accumulators = {
        k: [np.zeros([n if i == axis else 1 for i in range(len(s))]) for axis, n in enumerate(s)]
        for k, s in SHAPES.items()
    }
    accumulators["temperature"] = [np.zeros(())]
    averages = {k: np.zeros(s) for k, s in SHAPES.items()}
    for call in range(1, 6):
        gradients = drawn(call)
        updates, state = jax.jit(optimizer.update)(gradients, state, params)
        for k, g in gradients.items():
            a = accumulated(g.astype(np.float64), accumulators[k])
            averages[k] = MOMENTUM * averages[k] + (1 - MOMENTUM) * g / np.sqrt(a + EPSILON)
            expected = -RATE * (averages[k] + DECAY * MASK[k] * params[k])
            assert updates[k].shape == SHAPES[k]
            np.testing.assert_allclose(updates[k], expected, rtol=1e-5, atol=1e-6)


def test_without_weight_decay_it_equals_optax() -> None:
    params = {"kernel": drawn(0)["kernel"], "bias": drawn(0)["bias"]}
    ours, theirs = sm3(RATE, momentum=MOMENTUM), optax.sm3(RATE, momentum=MOMENTUM)
    states = ours.init(params), theirs.init(params)
    for call in range(1, 6):
        gradients = {k: drawn(call)[k] for k in params}
        mine, first = ours.update(gradients, states[0], params)
        expected, second = theirs.update(gradients, states[1], params)
        states = first, second
        for k in params:
            np.testing.assert_allclose(mine[k], expected[k], rtol=1e-6)


def test_the_learning_rate_may_be_a_schedule() -> None:
    optimizer = sm3(lambda count: 1.0 - jnp.asarray(count, jnp.float32), momentum=0.0)
    params = {"bias": jnp.ones(2)}
    state = optimizer.init(params)
    first, state = optimizer.update(params, state, params)
    second, _ = optimizer.update(params, state, params)
    np.testing.assert_allclose(first["bias"], -1.0, rtol=1e-5)
    np.testing.assert_array_equal(second["bias"], 0.0)


def test_an_entry_that_never_had_a_gradient_does_not_move() -> None:
    optimizer = sm3(0.1, epsilon=0.0)
    params = {"kernel": jnp.ones((2, 2))}
    updates, _ = optimizer.update({"kernel": jnp.zeros((2, 2))}, optimizer.init(params), params)
    np.testing.assert_array_equal(updates["kernel"], 0.0)


def test_numbers_outside_their_range_are_refused() -> None:
    with pytest.raises(InvalidInputError, match=r"momentum must be in \[0, 1\)"):
        sm3(0.1, momentum=1.0)
