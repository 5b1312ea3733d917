"""The largest eigenvalue as the published optimizer estimates it.

google-research/precondition scales its ridge by the result of a power iteration that stops when
the estimate changes by at most 1e-6 (absolute), or after 100 steps. Where eigenvalues lie close
together, or matrices are small, that is visibly less than the largest eigenvalue, and a large
`matrix_epsilon` makes the difference visible in the updates.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import Precision

_STEPS = 100
_TOLERANCE = 1e-6
_SEED = 1729

# Smaller ratios vanish at the first step; their logarithm stays finite.
_SMALLEST_RATIO = 1e-30


class _State(NamedTuple):
    step: jax.Array
    vectors: jax.Array  # [N, b], not normalised
    estimates: jax.Array  # [N]
    running: jax.Array  # [N]


def estimate_from_eigenvectors(
    values: jax.Array, rows: jax.Array, size: jax.Array, scale: jax.Array
) -> jax.Array:
    """The estimate for the matrix scale * V^T diag(values) V, divided by scale: a scalar.

    With r = values / max(values) and the start vector's squared coordinates c = (V v) ** 2, the
    Rayleigh quotient of step k = 0, 1, ... is max(values) * (1 - e_k), with
    e_k = sum(c r^(2k) (1 - r)) / sum(c r^(2k)): all steps are one product with a [100, b] table.

    Args:
        values: [b], not negative.
        rows: V, [b, b], one eigenvector per row.
        size: how many rows and columns the matrix has; the rest, up to b, are zero.
        scale: a scalar, so that the tolerance can be absolute.
    """
    largest = jnp.max(values)
    ratios = values / jnp.where(largest > 0, largest, 1)
    doubled = 2 * np.arange(_STEPS, dtype=np.float32)
    powers = jnp.exp(doubled[:, None] * jnp.log(jnp.maximum(ratios, _SMALLEST_RATIO))[None])
    squares = _multiply(rows, _start(values.shape[0], size)[:, None])[:, 0] ** 2
    # Not 1 - sum(c r^(2k + 1)) / sum(c r^(2k)): the shortfall keeps its relative accuracy where the
    # quotients agree in all digits.
    missing, total = _multiply(powers, jnp.stack([squares * (1 - ratios), squares], 1)).T
    shortfall = missing / jnp.where(total > 0, total, 1)
    change = (jnp.append(jnp.float32(1), shortfall[:-1]) - shortfall) * largest * scale
    last = np.arange(_STEPS) == _STEPS - 1
    end = jnp.argmax((change <= _TOLERANCE) | last)
    # Not shortfall[end]: XLA would look that up again for each entry of what uses the estimate.
    return largest * (1 - jnp.sum(jnp.where(np.arange(_STEPS) == end, shortfall, 0)))


def iterate_largest_eigenvalue(
    matrices: jax.Array, sizes: jax.Array, scale: jax.Array
) -> jax.Array:
    """The same estimate by the loop itself, for a stack: of scale * A, divided by scale: [N].

    Args:
        matrices: A, [N, b, b], symmetric and positive semidefinite.
        sizes: [N], how many rows and columns are not padding.
        scale: [N].
    """

    def more(state: _State) -> jax.Array:
        return (state.step < _STEPS) & jnp.any(state.running)

    def iterate(state: _State) -> _State:
        length = jnp.linalg.norm(state.vectors, axis=1, keepdims=True)
        vectors = state.vectors / jnp.where(length > 0, length, 1)
        products = jnp.einsum("nij,nj->ni", matrices, vectors, precision=Precision.HIGHEST)
        quotients = jnp.where(state.running, jnp.sum(vectors * products, 1), state.estimates)
        changing = jnp.abs(quotients - state.estimates) * scale > _TOLERANCE
        return _State(state.step + 1, products, quotients, state.running & changing)

    start = jax.vmap(partial(_start, matrices.shape[1]))(sizes)
    nothing = jnp.zeros_like(scale)
    state = jax.lax.while_loop(more, iterate, _State(jnp.int32(0), start, nothing, nothing == 0))
    return state.estimates


def _start(length: int, size: jax.Array) -> jax.Array:
    """The published start vector of a matrix of that size, padded with zeros: [length]."""
    vector = np.random.RandomState(_SEED).uniform(-1, 1, length).astype(np.float32)
    return jnp.where(np.arange(length, dtype=np.int32) < size, vector, 0)


def _multiply(left: jax.Array, right: jax.Array) -> jax.Array:
    return jnp.matmul(left, right, precision=Precision.HIGHEST)
