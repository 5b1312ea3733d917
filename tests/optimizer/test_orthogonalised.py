"""Muon against its formula in plain NumPy and against optax's."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer import muon, nadamw, weight_decay_mask

MOMENTUM, RMS, DECAY, EPSILON, RATE = 0.8, 0.3, 0.1, 1e-3, 0.5
SHAPES: dict[str, tuple[int, ...]] = {
    "conv": (3, 3, 2, 5), "wide": (3, 7), "tall": (6, 4), "bias": (3,), "scale": (2, 3),
}  # fmt: skip
ADAM: dict[str, Any] = {"beta1": 0.7, "beta2": 0.95, "epsilon": EPSILON}
CALLS = 4
Tree = dict[str, np.ndarray]


def drawn(seed: int) -> Tree:
    rng = np.random.default_rng(seed)
    return {k: rng.standard_normal(s).astype(np.float32) for k, s in SHAPES.items()}


def our_updates(**options: Any) -> list[Tree]:
    optimizer = muon(RATE, momentum=MOMENTUM, update_rms=RMS, **ADAM, **options)
    return updates_of(optimizer)


def updates_of(optimizer: optax.GradientTransformation) -> list[Tree]:
    state, updates, update = optimizer.init(drawn(0)), [], jax.jit(optimizer.update)
    for call in range(1, 1 + CALLS):
        step, state = update(drawn(call), state, drawn(0))
        updates.append(step)
    return updates


def orthogonalised(x: np.ndarray) -> np.ndarray:
    x = x / (np.linalg.norm(x) + EPSILON)
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x


@pytest.mark.parametrize("nesterov", [True, False])
def test_weights_follow_the_formula_over_several_steps(nesterov: bool) -> None:
    """The convolution kernel as the matrix [18, 5]."""
    found = our_updates(
        weight_decay=DECAY, nesterov=nesterov, weight_decay_mask={"conv": True, "wide": True,
        "tall": False, "bias": False, "scale": False},
    )  # fmt: skip
    for k in ("conv", "wide", "tall"):
        m, w = np.zeros(SHAPES[k]), drawn(0)[k]
        columns = SHAPES[k][-1]
        for t in range(CALLS):
            g = drawn(t + 1)[k].astype(np.float64)
            m = MOMENTUM * m + (1 - MOMENTUM) * g
            n = m / (1 - MOMENTUM ** (t + 1))
            if nesterov:
                n = MOMENTUM * m / (1 - MOMENTUM ** (t + 2))
                n = n + (1 - MOMENTUM) * g / (1 - MOMENTUM ** (t + 1))
            matrix = n.reshape(-1, columns)
            u = RMS * np.sqrt(max(matrix.shape)) * orthogonalised(matrix).reshape(n.shape)
            expected = -RATE * (u + DECAY * (k != "tall") * w)
            np.testing.assert_allclose(found[t][k], expected, rtol=1e-4, atol=1e-4)


def test_everything_else_is_nadamw_masked_alike() -> None:
    mask = {"conv": True, "wide": True, "tall": True, "bias": True, "scale": False}
    found = our_updates(weight_decay=DECAY, weight_decay_mask=mask)
    expected = updates_of(nadamw(RATE, weight_decay=DECAY, weight_decay_mask=mask, **ADAM))
    for mine, theirs in zip(found, expected, strict=True):
        for k in ("bias", "scale"):
            np.testing.assert_allclose(mine[k], theirs[k], rtol=1e-5)


def test_on_matrices_and_vectors_it_equals_optax() -> None:
    """With the mask of weights, which is the one that every arm is built with."""
    names = ("wide", "tall", "bias")
    theirs = optax.contrib.muon(
        RATE, beta=MOMENTUM, eps=EPSILON, adam_b1=0.7, adam_b2=0.95, weight_decay=DECAY,
        consistent_rms=RMS,
    )  # fmt: skip
    state = theirs.init({k: drawn(0)[k] for k in names})
    found = our_updates(weight_decay=DECAY, weight_decay_mask=weight_decay_mask)
    for call in range(CALLS):
        gradients = {k: drawn(call + 1)[k] for k in names}
        with jax.numpy_dtype_promotion("standard"):  # which optax itself needs
            expected, state = theirs.update(gradients, state, {k: drawn(0)[k] for k in names})
        for k in names:
            np.testing.assert_allclose(found[call][k], expected[k], rtol=1e-4, atol=1e-5)


def test_updates_of_weights_have_the_root_mean_square_asked_for() -> None:
    for updates in our_updates():
        for k in ("conv", "wide", "tall"):
            rms = np.sqrt(np.mean(np.square(updates[k]))) / RATE
            assert 0.6 * RMS < rms < 1.3 * RMS


def test_weight_decay_alone_is_scaled_by_the_learning_rate() -> None:
    params = {"kernel": jnp.full((2, 2), 4.0)}
    optimizer = muon(0.5, weight_decay=0.1)
    updates, _ = optimizer.update({"kernel": jnp.zeros((2, 2))}, optimizer.init(params), params)
    np.testing.assert_allclose(updates["kernel"], -0.5 * 0.1 * 4, rtol=1e-6)


def test_numbers_outside_their_range_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="update_rms must be > 0"):
        muon(0.1, update_rms=0.0)
