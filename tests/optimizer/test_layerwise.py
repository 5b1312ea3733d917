"""LARS and LAMB against MLPerf's formulas in plain NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer import lamb, lars

MOMENTUM, DECAY, TRUST, EPSILON = 0.9, 0.01, 0.02, 0.125
MASK = {"kernel": True, "bias": False, "zero": True}
Tree = dict[str, np.ndarray]


def rate(count: jax.Array) -> jax.Array:
    return 0.5 / (1 + jnp.asarray(count, jnp.float32))


def weight_step(g: np.ndarray, w: np.ndarray, v: np.ndarray, lr: float) -> np.ndarray:
    """The new buffer of a weight: MLPerf's formula in float64; the update is its negative."""
    g_norm, w_norm = np.linalg.norm(g), np.linalg.norm(w)
    ratio = TRUST * w_norm / (g_norm + DECAY * w_norm + EPSILON) if g_norm and w_norm else 1.0
    return np.asarray(MOMENTUM * v + lr * ratio * (g + DECAY * w))


def test_updates_are_mlperfs_formula_over_several_steps() -> None:
    rng = np.random.default_rng(0)
    shapes = {"kernel": (4, 3), "bias": (3,), "zero": (2, 2)}
    params: Tree = {k: rng.standard_normal(s, np.float32) for k, s in shapes.items()}
    params["zero"][:] = 0
    expected: Tree = {k: p.astype(np.float64) for k, p in params.items()}
    buffers: Tree = {k: np.zeros(s) for k, s in shapes.items()}
    optimizer = lars(
        rate,
        momentum=MOMENTUM,
        weight_decay=DECAY,
        trust_coefficient=TRUST,
        epsilon=EPSILON,
        weight_decay_mask=MASK,
    )
    state = optimizer.init(params)
    for count in range(6):
        gradients: Tree = {k: rng.standard_normal(s, np.float32) for k, s in shapes.items()}
        updates, state = optimizer.update(gradients, state, params)
        params = {k: params[k] + np.asarray(updates[k]) for k in params}
        lr = 0.5 / (1 + count)
        for k in shapes:
            if MASK[k]:
                buffers[k] = weight_step(gradients[k], expected[k], buffers[k], lr)
                expected[k] = expected[k] - buffers[k]
            else:
                buffers[k] = MOMENTUM * buffers[k] + gradients[k]
                expected[k] = expected[k] - lr * buffers[k]
            np.testing.assert_allclose(params[k], expected[k], rtol=1e-5, atol=1e-6)


def test_a_zero_gradient_only_decays() -> None:
    optimizer = lars(0.5, weight_decay=0.1, trust_coefficient=1e-3)
    params = {"w": jnp.full((2, 2), 4.0)}
    updates, _ = optimizer.update({"w": jnp.zeros((2, 2))}, optimizer.init(params), params)
    np.testing.assert_allclose(updates["w"], -0.5 * 0.1 * 4, rtol=1e-6)


def test_the_parameters_are_needed() -> None:
    optimizer = lars(0.5)
    with pytest.raises(ValueError, match="needs the parameters"):
        optimizer.update(jnp.ones(2), optimizer.init(jnp.ones(2)))


def test_an_empty_tree_has_empty_updates() -> None:
    optimizer = lars(0.5)
    assert optimizer.update({}, optimizer.init({}), {})[0] == {}


def test_numbers_outside_their_range_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="trust_coefficient"):
        lars(0.1, trust_coefficient=0.0)


def adam_directions(gradients: list[np.ndarray], beta1: float, beta2: float) -> list[np.ndarray]:
    """Adam's u for each gradient in turn, with EPSILON outside the root."""
    m = v = np.zeros(gradients[0].shape)
    directions = []
    for t, g in enumerate(gradients, start=1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        directions.append(m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + EPSILON))
    return directions


def test_lamb_is_mlperfs_formula_with_the_ratio_on_every_tensor() -> None:
    """The bias has a ratio and no decay; weights of norm 0 have the ratio 1."""
    rng = np.random.default_rng(0)
    params: Tree = {k: rng.standard_normal(s) for k, s in {"kernel": (4, 3), "bias": (3,)}.items()}
    params = {k: p.astype(np.float32) for k, p in params.items()}
    params["zero"] = np.zeros((2, 2), np.float32)
    gradients = {k: list(rng.standard_normal((5, *p.shape))) for k, p in params.items()}
    optimizer = lamb(
        rate, beta1=0.8, beta2=0.95, epsilon=EPSILON, weight_decay=DECAY, weight_decay_mask=MASK
    )
    directions = {k: adam_directions(g, 0.8, 0.95) for k, g in gradients.items()}
    state, update = optimizer.init(params), jax.jit(optimizer.update)
    for count in range(5):
        step = {k: jnp.asarray(g[count], jnp.float32) for k, g in gradients.items()}
        updates, state = update(step, state, params)
        for k, w in params.items():
            u = directions[k][count] + DECAY * MASK[k] * w
            ratio = np.linalg.norm(w) / np.linalg.norm(u) if np.any(w) else 1.0
            expected = -0.5 / (1 + count) * ratio * u
            np.testing.assert_allclose(updates[k], expected, rtol=1e-4, atol=1e-6)


def test_a_long_step_of_lamb_is_not_clipped() -> None:
    params = {"w": jnp.full((2, 2), 1e3)}
    optimizer = lamb(1.0)
    updates, _ = optimizer.update({"w": jnp.ones((2, 2))}, optimizer.init(params), params)
    np.testing.assert_allclose(updates["w"], -1e3, rtol=1e-5)


def test_lambs_numbers_outside_their_range_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="weight_decay must be >= 0"):
        lamb(0.1, weight_decay=-1.0)
