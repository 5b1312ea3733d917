"""The inverse p-th root of one symmetric positive semidefinite matrix, by its eigenvectors.

The error of a float32 eigenvalue is about 1e-7 of the largest one, which is not small against a
ridge of 1e-6. Two terms of the perturbation series bring the root's error down to that of coupled
Newton iterations (newton_roots.py), for half the cost of the eigendecomposition.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import Precision

from shampoo_tune.optimizer.power_iteration import estimate_from_eigenvectors
from shampoo_tune.optimizer.root_result import (
    RESOLVABLE_RIDGE,
    Fallback,
    InverseRoots,
    Ridge,
    unit_scale,
)

# The largest |R_ij| / sqrt(d_i d_j) to which the series is trusted (an error of 0.03).
_LARGEST_REST = 0.3

# Up to which the second order is left out: it is then smaller than the root's rounding errors.
_SMALL_REST = 0.01

# Relative gap of two damped eigenvalues under which the divided difference is replaced by the
# derivative at their geometric mean: cancellation costs 1e-7 / gap, the replacement gap ** 2 / 6.
_CLOSE = 0.02


def eigen_root(
    matrix: jax.Array, size: jax.Array, power: jax.Array, ridge: Ridge, fallback: Fallback
) -> InverseRoots:
    """(A + r I) ** power, correct to second order in the errors of A's eigenvectors.

    With eigenvectors from `eigh` as the rows of V, w + R = V A V^T (w the diagonal, R the rest),
    d = w + r and f(d) = d ** power, the root is V^T F V, where::

        F_ij = f(d_i) [i = j] + R_ij f[d_i, d_j] + sum_k R_ik R_kj f[d_i, d_k, d_j]

    The divided difference f[d_i, d_j] is exact. The second one, f''/2 at some mean of the three
    eigenvalues, is taken at their geometric mean, where it is a product and the sum one matrix
    product X X^T; it matters only among eigenvalues of the ridge's size, which lie close together,
    and is left out where no |R_ij| / sqrt(d_i d_j) exceeds 0.01.

    Where rounding errors are not small beside r, that is where some |R_ij| / sqrt(d_i d_j) exceeds
    0.3, r is raised to 3e-7 of the largest eigenvalue. The residual is the size of the neglected
    third order.

    Args:
        matrix: A, float32 [b, b].
        size: how many rows and columns A has; the rest, up to b, are zero.
        power: -1/p, negative.
        ridge: how r is made of the largest eigenvalue.
        fallback: of one matrix.

    Source: first and second order perturbation theory of a matrix function (Daleckii-Krein).
    """
    scaled, scale = unit_scale(matrix)
    vectors = jnp.linalg.eigh(scaled.mT, symmetrize_input=False)[1]
    # Both ways round in memory: products that XLA transposes itself take half as long again.
    columns, rows = jax.lax.optimization_barrier((vectors, vectors.mT))  # type: ignore[no-untyped-call]
    rotated = _multiply(_multiply(rows, scaled), columns)
    values = jnp.maximum(jnp.diagonal(rotated), 0)
    largest = estimate_from_eigenvectors(values, rows, size, scale)
    diagonal = np.eye(matrix.shape[0], dtype=bool)
    # Rounding errors are not symmetric: the mean has smaller ones.
    rest = jnp.where(diagonal, 0, (rotated + rotated.mT) / 2)
    added, ratio = _resolved(rest, values, ridge.of(largest, scale), RESOLVABLE_RIDGE * largest)
    damped = values + added
    middle = _function_of(rest, damped, power, ratio)
    root = _multiply(columns, _multiply(middle, rows)) * scale**power
    # A number that is not finite, of any eigenvalue, is in all entries.
    residual = ratio**3 + jnp.sum(0 * jnp.diagonal(root))
    kept = fallback.unless(residual, root)
    return InverseRoots(*kept, residual, largest * scale, (largest + added) / added)


def _resolved(
    rest: jax.Array, values: jax.Array, ridge: jax.Array, resolvable: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """The ridge, raised if it must be, and the largest |R_ij| / sqrt(d_i d_j) with it."""
    ridges = jnp.stack([ridge, jnp.maximum(ridge, resolvable)])
    inverse = jax.lax.rsqrt(values[None] + ridges[:, None])
    # abs last: of abs(rest) times the others the maximum would take a CPU eight times as long.
    ratios = jnp.max(jnp.abs(rest[None] * inverse[:, :, None] * inverse[:, None]), (1, 2))
    unresolved = ratios[0] > _LARGEST_REST
    added, ratio = (jnp.where(unresolved, pair[1], pair[0]) for pair in (ridges, ratios))
    return added, ratio


def _function_of(
    rest: jax.Array, damped: jax.Array, power: jax.Array, ratio: jax.Array
) -> jax.Array:
    """F: the function's values, with the first and second order in the rest."""
    roots = damped**power
    slopes = jnp.sqrt(roots) * jax.lax.rsqrt(damped)
    gap = damped[:, None] - damped[None]
    far = jnp.abs(gap) > _CLOSE * (damped[:, None] + damped[None])
    secant = rest * (roots[:, None] - roots[None]) / jnp.where(far, gap, 1)
    tangent = power * (rest * slopes[:, None]) * slopes[None]
    curvatures = damped ** ((power - 2) / 6)
    half = rest * (curvatures**2)[:, None] * curvatures[None]
    products = jax.lax.cond(
        ratio > _SMALL_REST, lambda half: _multiply(half, half.mT), jnp.zeros_like, half
    )
    second: jax.Array = power * (power - 1) / 2 * products
    identity = jnp.eye(rest.shape[0], dtype=jnp.float32)
    return identity * roots[:, None] + jnp.where(far, secant, tangent) + second


def _multiply(left: jax.Array, right: jax.Array) -> jax.Array:
    # An accelerator's default precision (bfloat16) would be coarser than the ridge.
    return jnp.matmul(left, right, precision=Precision.HIGHEST)
