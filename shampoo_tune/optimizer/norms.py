"""The Frobenius norm of a tensor, whatever its scale."""

import jax
import jax.numpy as jnp


def norm(tensor: jax.Array) -> jax.Array:
    """The Frobenius norm; squares neither overflow nor vanish."""
    largest = jnp.max(jnp.abs(tensor), initial=0)
    scale = jnp.where(largest > 0, largest, 1)
    return scale * jnp.sqrt(jnp.sum((tensor / scale) ** 2))
