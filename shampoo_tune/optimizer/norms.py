"""Frobenius norms: of one tensor whatever its scale, and of tensors in many blocks."""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import Precision


def norm(tensor: jax.Array) -> jax.Array:
    """The Frobenius norm; squares neither overflow nor vanish."""
    largest = jnp.max(jnp.abs(tensor), initial=0)
    scale = jnp.where(largest > 0, largest, 1)
    return scale * jnp.sqrt(jnp.sum((tensor / scale) ** 2))


def squares(blocks: Sequence[jax.Array]) -> jax.Array:
    """The sum of squares of each block, of arrays [n, ...] after each other: [sum of n]."""
    return jnp.concatenate([_squares(array) for array in blocks])


def tensor_norms(squares: jax.Array, owners: np.ndarray) -> jax.Array:
    """For each block, the norm of its tensor.

    Args:
        squares: of several things for each block: [blocks, things].
        owners: the tensor of each block: [blocks].

    Returns:
        The same shape.
    """
    totals = jnp.zeros((1 + max(owners), squares.shape[1]), jnp.float32)
    totals = totals.at[owners].add(squares, mode="promise_in_bounds")
    return jnp.sqrt(totals.at[owners].get(mode="promise_in_bounds"))


def _squares(stack: jax.Array) -> jax.Array:
    # As products of matrices, which XLA need not compile anew for every shape; in two steps,
    # because such a product adds up its terms one after the other.
    rows = stack.reshape([stack.shape[0], -1, stack.shape[-1]])
    sums = jnp.einsum("nij,nij->ni", rows, rows, precision=Precision.HIGHEST)
    if sums.shape[1] == 1:
        return sums[:, 0]
    return jnp.matmul(sums, np.ones(sums.shape[1], np.float32), precision=Precision.HIGHEST)
