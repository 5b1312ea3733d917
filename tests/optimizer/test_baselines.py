"""The baselines against optax's own."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer import adamw, nadamw, nesterov

MASK = {"kernel": True, "bias": False}
CALLS = 6


def rate(count: jax.Array) -> jax.Array:
    return 0.5 / (1 + jnp.asarray(count, jnp.float32))


def parameters() -> dict[str, jax.Array]:
    return {"kernel": jnp.full((3, 2), 0.5), "bias": jnp.full(2, -1.0)}


def trajectory(optimizer: optax.GradientTransformation) -> Iterator[Any]:
    params, rng = parameters(), np.random.default_rng(0)
    state = optimizer.init(params)
    for _ in range(CALLS):
        gradients = jax.tree.map(lambda p: rng.standard_normal(p.shape, np.float32), params)
        updates, state = optimizer.update(gradients, state, params)
        params = optax.apply_updates(params, updates)
        yield updates


def assert_same(left: optax.GradientTransformation, right: optax.GradientTransformation) -> None:
    for mine, theirs in zip(trajectory(left), trajectory(right), strict=True):
        jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=2e-6), mine, theirs)


def test_nesterov_equals_optax_sgd_after_decayed_weights() -> None:
    expected = optax.chain(
        optax.add_decayed_weights(0.1, MASK), optax.sgd(rate, momentum=0.8, nesterov=True)
    )
    ours = nesterov(rate, momentum=0.8, weight_decay=0.1, weight_decay_mask=MASK)
    assert_same(ours, expected)


def test_adamw_equals_optax() -> None:
    expected = optax.adamw(rate, b1=0.8, b2=0.95, eps=1e-3, weight_decay=0.1, mask=MASK)
    ours = adamw(
        rate, beta1=0.8, beta2=0.95, epsilon=1e-3, weight_decay=0.1, weight_decay_mask=MASK
    )
    with jax.numpy_dtype_promotion("standard"):  # which optax itself needs
        assert_same(ours, expected)


def test_nadamw_equals_optax() -> None:
    expected = optax.nadamw(rate, b1=0.8, b2=0.95, eps=1e-3, weight_decay=0.1, mask=MASK)
    ours = nadamw(
        rate, beta1=0.8, beta2=0.95, epsilon=1e-3, weight_decay=0.1, weight_decay_mask=MASK
    )
    with jax.numpy_dtype_promotion("standard"):  # which optax itself needs
        assert_same(ours, expected)


def test_nadamw_is_adamw_that_looks_ahead() -> None:
    """Equal to AdamW where there is no momentum to look ahead along, and nowhere else."""
    assert_same(nadamw(rate, beta1=0.0), adamw(rate, beta1=0.0))
    ahead, behind = next(trajectory(nadamw(rate))), next(trajectory(adamw(rate)))
    assert not np.allclose(ahead["kernel"], behind["kernel"], rtol=1e-2)


def test_adamw_works_in_strict_promotion() -> None:
    assert all(np.all(np.isfinite(updates["bias"])) for updates in trajectory(adamw(rate)))


def test_without_a_mask_everything_decays() -> None:
    expected = nesterov(0.1, weight_decay=0.1, weight_decay_mask={"kernel": True, "bias": True})
    assert_same(nesterov(0.1, weight_decay=0.1), expected)


@pytest.mark.parametrize("make", [nesterov, adamw, nadamw])
def test_numbers_outside_their_range_are_refused(make: Any) -> None:
    with pytest.raises(InvalidInputError, match="weight_decay must be >= 0"):
        make(0.1, weight_decay=-1.0)
