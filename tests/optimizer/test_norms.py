"""The Frobenius norm at any scale."""

import jax.numpy as jnp
import pytest

from shampoo_tune.optimizer.norms import norm


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_the_norm_works_at_any_scale(scale: float) -> None:
    assert float(norm(jnp.array([3.0, 4.0]) * scale)) == pytest.approx(5 * scale, rel=1e-6)


def test_the_norm_of_nothing_is_zero() -> None:
    assert norm(jnp.zeros((0, 3))) == 0
    assert norm(jnp.zeros(())) == 0
