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
    largest_entry,
    materialised,
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
    product X X^T; it matters only among eigenvalues of the ridge's size, which lie close together.

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
    columns = materialised(jnp.linalg.eigh(scaled.mT, symmetrize_input=False)[1])
    rows = materialised(columns.mT)
    rotated = _multiply(_multiply(rows, scaled), columns)
    values = jnp.maximum(jnp.diagonal(rotated), 0)
    largest = estimate_from_eigenvectors(values, rows, size, scale)
    diagonal = np.eye(matrix.shape[0], dtype=bool)
    # Rounding errors are not symmetric: the mean has smaller ones.
    rest = jnp.where(diagonal, 0, (rotated + rotated.mT) / 2)
    first = ridge.of(largest, scale)
    ridges = jnp.stack([first, jnp.maximum(first, RESOLVABLE_RIDGE * largest)])
    ratios = _largest_ratios(rest, values[None] + ridges[:, None])
    unresolved = ratios[0] > _LARGEST_REST
    added = jnp.where(unresolved, ridges[1], ridges[0])
    ratio = jnp.where(unresolved, ratios[1], ratios[0])
    damped = values + added
    middle = _function_of(rest, damped, power, ratio)
    root = _multiply(columns, _multiply(middle, rows)) * scale**power
    # A number that is not finite, of any eigenvalue, is in all entries.
    residual = ratio**3 + jnp.sum(0 * jnp.diagonal(root))
    kept = fallback.unless(residual, root)
    return InverseRoots(*kept, residual, largest * scale, (largest + added) / added)


def _function_of(
    rest: jax.Array, damped: jax.Array, power: jax.Array, ratio: jax.Array
) -> jax.Array:
    """F: the function's values, with the first and second order in the rest."""
    # XLA would compute these b values again for every entry of [b, b].
    roots = materialised(damped**power)
    slopes = materialised(jnp.sqrt(roots) * jax.lax.rsqrt(damped))
    gap = damped[:, None] - damped[None]
    far = jnp.abs(gap) > _CLOSE * (damped[:, None] + damped[None])
    secant = rest * (roots[:, None] - roots[None]) / jnp.where(far, gap, 1)
    tangent = power * (rest * slopes[:, None]) * slopes[None]

    curvatures = materialised(damped ** ((power - 2) / 6))
    half = rest * (curvatures**2)[:, None] * curvatures[None]
    products = jax.lax.cond(
        ratio > _SMALL_REST, lambda half: _multiply(half, half.mT), jnp.zeros_like, half
    )
    second: jax.Array = power * (power - 1) / 2 * products
    identity = jnp.eye(rest.shape[0], dtype=jnp.float32)
    return identity * roots[:, None] + jnp.where(far, secant, tangent) + second


def _largest_ratios(rest: jax.Array, damped: jax.Array) -> jax.Array:
    """The largest |R_ij| / sqrt(d_i d_j) for each d: [k, b] -> [k]."""
    inverse = materialised(jax.lax.rsqrt(damped))
    return largest_entry(rest[None] * inverse[:, :, None] * inverse[:, None])


def _multiply(left: jax.Array, right: jax.Array) -> jax.Array:
    # An accelerator's default precision (bfloat16) would be coarser than the ridge.
    return jnp.matmul(left, right, precision=Precision.HIGHEST)
