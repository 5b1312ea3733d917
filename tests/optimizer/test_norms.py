"""The Frobenius norm at any scale, and of tensors in many blocks."""

import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.optimizer.norms import norm, squares, tensor_norms


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_the_norm_works_at_any_scale(scale: float) -> None:
    assert float(norm(jnp.array([3.0, 4.0]) * scale)) == pytest.approx(5 * scale, rel=1e-6)


def test_the_norm_of_nothing_is_zero() -> None:
    assert norm(jnp.zeros((0, 3))) == 0
    assert norm(jnp.zeros(())) == 0


def test_norms_are_those_of_whole_tensors_whatever_their_number_of_blocks() -> None:
    rng = np.random.default_rng(0)
    blocks = [rng.standard_normal(shape).astype(np.float32) for shape in [(3, 2, 4), (2, 5)]]
    owners = np.array([0, 1, 0, 2, 1])
    own = squares([jnp.asarray(array) for array in blocks])
    norms = tensor_norms(jnp.stack([own, 4 * own], 1), owners)
    entries = [block.ravel() for array in blocks for block in array]
    for i, owner in enumerate(owners):
        parts = [part for part, other in zip(entries, owners, strict=True) if other == owner]
        length = np.linalg.norm(np.concatenate(parts))
        np.testing.assert_allclose(norms[i], [length, 2 * length], rtol=1e-6)


def test_the_norm_of_a_large_tensor_is_accurate() -> None:
    values = np.random.default_rng(0).uniform(0.5, 1, (16, 9, 128, 128)).astype(np.float32)
    own = squares([jnp.asarray(values)])[:, None]
    exact = np.linalg.norm(values.astype(np.float64))
    np.testing.assert_allclose(tensor_norms(own, np.zeros(16, int))[0], exact, rtol=1e-6)
