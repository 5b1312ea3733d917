"""Grafting: Shampoo gives a tensor's update its direction, another rule gives it its length.

The rules, for a gradient g, all per tensor and without bias correction::

    none                 g, and the preconditioned gradient keeps its own length
    sgd                  g
    sqrt_n               sign(g), of norm sqrt(number of entries)
    adagrad              a <- a + g ** 2                       g / (sqrt(a) + diagonal_epsilon)
    rmsprop              a <- beta2 a + (1 - beta2) g ** 2     g / (sqrt(a) + diagonal_epsilon)
    adagrad_normalized   as adagrad, of g / ||g||
    rmsprop_normalized   as rmsprop, of g / ||g||

Source: google-research/precondition, distributed_shampoo.py. Different from it: where the sum of
squares is 0 and so is diagonal_epsilon, an entry's update is 0, not 0 / 0; and norms of very large
or very small tensors neither overflow nor vanish.
"""

import jax
import jax.numpy as jnp

# Added to the norms that are divided by, as in the source.
_TINY = 1e-25


def has_accumulator(graft_type: str) -> bool:
    """Whether the rule keeps a sum of squared gradients."""
    return graft_type.startswith(("adagrad", "rmsprop"))


def graft_update(
    graft_type: str,
    gradient: jax.Array,
    accumulator: jax.Array | None,
    beta2: jax.typing.ArrayLike,
    diagonal_epsilon: jax.typing.ArrayLike,
) -> tuple[jax.Array, jax.Array | None]:
    """One tensor's update by the graft's own rule, and its new sum of squares.

    Args:
        graft_type: one of `config.GRAFT_TYPES`.
        gradient: of any shape.
        accumulator: of the gradient's shape, or None for rules that keep none.
        beta2: decay of RMSProp's sum; 1 means a plain sum.
        diagonal_epsilon: added outside the square root.
    """
    if graft_type == "sqrt_n":
        return jnp.sign(gradient), accumulator
    if accumulator is None:
        return gradient, accumulator
    if graft_type.endswith("normalized"):
        gradient = gradient / (norm(gradient) + _TINY)
    decay = jnp.asarray(beta2 if graft_type.startswith("rmsprop") else 1, jnp.float32)
    accumulator = decay * accumulator + new_weight(decay) * gradient**2
    scale = jnp.sqrt(accumulator) + diagonal_epsilon
    nonzero = scale > 0
    return jnp.where(nonzero, gradient / jnp.where(nonzero, scale, 1), 0), accumulator


def with_norm_of(direction: jax.Array, graft: jax.Array) -> jax.Array:
    """The direction, scaled to the graft's Frobenius norm."""
    return direction * (norm(graft) / (norm(direction) + _TINY))


def new_weight(decay: jax.typing.ArrayLike) -> jax.Array:
    """The weight of a new term beside `decay` of the old: 1 - decay, or 1 in a sum (decay = 1)."""
    # In float32 whether or not `decay` is traced, so that both give the same bits.
    decay = jnp.asarray(decay, jnp.float32)
    return jnp.where(decay == 1, 1.0, 1.0 - decay)


def norm(tensor: jax.Array) -> jax.Array:
    """The Frobenius norm; squares neither overflow nor vanish, whatever the tensor's scale."""
    largest = jnp.max(jnp.abs(tensor), initial=0)
    scale = jnp.where(largest > 0, largest, 1)
    return scale * jnp.sqrt(jnp.sum((tensor / scale) ** 2))
