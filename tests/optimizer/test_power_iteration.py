"""The estimate of the largest eigenvalue against the published loop."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.optimizer.power_iteration import (
    estimate_from_eigenvectors,
    iterate_largest_eigenvalue,
)


def power_iteration(matrix: np.ndarray) -> float:
    """The published loop, literally, in float64."""
    vector = np.random.RandomState(1729).uniform(-1, 1, len(matrix))
    estimate = 0.0
    for _ in range(100):
        vector = vector / np.linalg.norm(vector)
        product = matrix @ vector
        previous, estimate = estimate, float(vector @ product)
        if abs(estimate - previous) <= 1e-6:
            break
        vector = product
    return estimate


PADDING = 3


def both_estimates(stack: np.ndarray, scale: float) -> tuple[jax.Array, jax.Array]:
    """By eigenvectors and by iteration, for scale * matrix, of matrices padded with zeros."""
    count, size, _ = stack.shape
    padded = np.zeros((count, size + PADDING, size + PADDING), np.float32)
    padded[:, :size, :size] = stack
    values, vectors = np.linalg.eigh(padded.astype(np.float64))
    sizes, scales = jnp.full(count, size), jnp.full(count, scale, jnp.float32)
    by_eigenvectors = jax.vmap(estimate_from_eigenvectors)(
        jnp.float32(np.maximum(values, 0)), jnp.float32(vectors.swapaxes(1, 2)), sizes, scales
    )
    return by_eigenvectors, iterate_largest_eigenvalue(jnp.asarray(padded), sizes, scales)


@pytest.mark.parametrize("scale", [1e-9, 1e-7, 1e-4, 1e-2, 1.0, 100.0])
@pytest.mark.parametrize("size", [1, 5, 64])
def test_both_estimates_are_those_of_the_published_loop(size: int, scale: float) -> None:
    noise = np.random.default_rng(size).standard_normal((3, size, size + 3))
    stack = (noise @ noise.swapaxes(1, 2) / size).astype(np.float32)
    expected = [power_iteration(scale * matrix.astype(np.float64)) for matrix in stack]
    for estimate in both_estimates(stack, scale):
        # One step more or less, where a change is within rounding of the tolerance.
        atol = 1e-6 if scale >= 1e-4 else 0
        np.testing.assert_allclose(scale * estimate, expected, rtol=3e-6, atol=atol)


def test_the_zero_matrix_has_a_largest_eigenvalue_of_zero() -> None:
    for estimate in both_estimates(np.zeros((1, 4, 4), np.float32), 1.0):
        assert estimate[0] == 0
