"""What of a gradient is used."""

import jax
import jax.numpy as jnp

# Squares of smaller entries can be added up in float32, 1e8 of them.
_TOO_LARGE = 1e15


def usable(gradient: jax.Array) -> jax.Array:
    """The gradient, with 0 for entries that are not finite or whose squares might overflow."""
    return jnp.where(jnp.abs(gradient) < _TOO_LARGE, gradient, 0)
