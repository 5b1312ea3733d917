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
squares is 0 and so is diagonal_epsilon, an entry's update is 0, not 0 / 0; and a direction whose
norm vanishes in float32 (entries below 1e-23) becomes 0, instead of being divided by 1e-25.
"""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.layout import Blocks, Tensors
from shampoo_tune.optimizer.norms import norm
from shampoo_tune.optimizer.share import Entries, Share
from shampoo_tune.optimizer.usable import usable

# Added to the norm that a gradient is divided by, as in the source.
_TINY = 1e-25


def has_accumulator(graft_type: str) -> bool:
    """Whether the rule keeps a sum of squared gradients."""
    return graft_type.startswith(("adagrad", "rmsprop"))


def is_normalized(graft_type: str) -> bool:
    """Whether the rule is for gradients divided by the norm of their tensor."""
    return graft_type.endswith("normalized")


def graft_updates(
    config: ShampooConfig, gradient: Entries, accumulator: Entries | None
) -> tuple[Entries, Entries | None]:
    """The updates by the graft's own rule and its new sum of squares, of the same entries.

    Args:
        config: Shampoo's options.
        gradient: already divided by the norms if the rule is normalized.
        accumulator: None for rules that keep none.
    """
    if config.graft_type == "sqrt_n":
        return jax.tree.map(jnp.sign, gradient), None
    if accumulator is None:
        return gradient, None
    averages = config.graft_type.startswith("rmsprop")
    decay = jnp.asarray(config.beta2 if averages else 1, jnp.float32)

    def summed(accumulator: jax.Array, gradient: jax.Array) -> jax.Array:
        return decay * accumulator + new_weight(decay) * gradient**2

    accumulator = jax.tree.map(summed, accumulator, gradient)
    return jax.tree.map(partial(_scaled, config), gradient, accumulator), accumulator


def grafted(config: ShampooConfig, share: Share, directions: Blocks, rule: Blocks) -> Blocks:
    """The preconditioned updates, each tensor of its graft's Frobenius norm.

    Args:
        config: Shampoo's options.
        share: of the blocks.
        directions: the preconditioned gradients.
        rule: the graft's updates.
    """
    if not directions or config.graft_type == "none":
        return directions
    factors = share.per_tensor(_ratio, rule, directions)
    pairs = zip(directions, factors, strict=True)
    return tuple(b * factor.reshape([-1] + [1] * (b.ndim - 1)) for b, factor in pairs)


def normalized(tensors: Tensors) -> Tensors:
    """What is usable of each tensor of a gradient, divided by its norm."""

    def one(tensor: jax.Array) -> jax.Array:
        tensor = usable(tensor)
        return tensor / (norm(tensor) + _TINY)

    return [jax.vmap(one)(stack) for stack in tensors]


def _scaled(config: ShampooConfig, gradient: jax.Array, accumulator: jax.Array) -> Any:
    scale = jnp.sqrt(accumulator) + config.diagonal_epsilon
    nonzero = scale > 0
    return jnp.where(nonzero, gradient / jnp.where(nonzero, scale, 1), 0)


def _ratio(target: jax.Array, own: jax.Array) -> jax.Array:
    return jnp.where(own > 0, target / jnp.where(own > 0, own, 1), 0)


def new_weight(decay: jax.typing.ArrayLike) -> jax.Array:
    """The weight of a new term beside `decay` of the old: 1 - decay, or 1 in a sum (decay = 1)."""
    # In float32 whether or not `decay` is traced, so that both give the same bits.
    decay = jnp.asarray(decay, jnp.float32)
    return jnp.where(decay == 1, 1.0, 1.0 - decay)
