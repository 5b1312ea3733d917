"""The estimate of the largest eigenvalue against the published loop."""

import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.optimizer.power_iteration import largest_eigenvalue


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


@pytest.mark.parametrize("scale", [1e-9, 1e-7, 1e-4, 1e-2, 1.0, 100.0])
@pytest.mark.parametrize("size", [1, 5, 64])
def test_the_estimate_is_that_of_the_published_loop(size: int, scale: float) -> None:
    noise = np.random.default_rng(size).standard_normal((3, size, size + 3))
    stack = noise @ noise.swapaxes(1, 2) / size
    values, vectors = np.linalg.eigh(stack)
    estimate = scale * largest_eigenvalue(
        jnp.float32(values), jnp.float32(vectors), jnp.full(3, scale, jnp.float32)
    )
    expected = [power_iteration(scale * matrix) for matrix in stack]
    # One step more or less, where a change is within rounding of the tolerance.
    np.testing.assert_allclose(estimate, expected, rtol=3e-6, atol=1e-6 if scale >= 1e-4 else 0)


def test_the_zero_matrix_has_a_largest_eigenvalue_of_zero() -> None:
    assert largest_eigenvalue(jnp.zeros((1, 4)), jnp.eye(4)[None], jnp.ones(1))[0] == 0
