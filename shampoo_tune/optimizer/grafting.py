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

import jax
import jax.numpy as jnp

from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.distribution import Devices
from shampoo_tune.optimizer.layout import Blocks, Layout
from shampoo_tune.optimizer.norms import norm

# Added to the norm that a gradient is divided by, as in the source.
_TINY = 1e-25


def has_accumulator(graft_type: str) -> bool:
    """Whether the rule keeps a sum of squared gradients."""
    return graft_type.startswith(("adagrad", "rmsprop"))


def graft_updates(
    config: ShampooConfig,
    layout: Layout,
    devices: Devices,
    gradient: jax.Array,
    accumulator: jax.Array | None,
) -> tuple[jax.Array, jax.Array | None]:
    """The updates by the graft's own rule and its new sum of squares, both [entries].

    Args:
        config: Shampoo's options.
        layout: of the entries.
        devices: each of which keeps a part of the accumulator.
        gradient: [entries].
        accumulator: [entries], or None for rules that keep none.
    """
    if config.graft_type == "sqrt_n":
        return jnp.sign(gradient), None
    if accumulator is None:
        return gradient, None
    if config.graft_type.endswith("normalized"):
        gradient = _normalized(layout, gradient)
    averages = config.graft_type.startswith("rmsprop")
    decay = jnp.asarray(config.beta2 if averages else 1, jnp.float32)

    def own_graft(accumulator: jax.Array, gradient: jax.Array) -> tuple[jax.Array, jax.Array]:
        gradient = devices.own_part(gradient)
        accumulator = decay * accumulator + new_weight(decay) * gradient**2
        scale = jnp.sqrt(accumulator) + config.diagonal_epsilon
        nonzero = scale > 0
        return jnp.where(nonzero, gradient / jnp.where(nonzero, scale, 1), 0), accumulator

    graft, accumulator = devices.on_each(own_graft, accumulator, gradient)
    return devices.gathered(graft), accumulator


def grafted(
    config: ShampooConfig, layout: Layout, directions: Blocks, gradients: Blocks, graft: jax.Array
) -> jax.Array:
    """The preconditioned updates, each tensor of its graft's Frobenius norm: [entries].

    Args:
        config: Shampoo's options.
        layout: of the blocks.
        directions: the preconditioned gradients.
        gradients: of which directions were made.
        graft: the graft's updates [entries]; tensors that are not preconditioned take them.
    """
    if directions and config.graft_type != "none":
        rule = gradients if config.graft_type == "sgd" else layout.to_blocks(graft)
        target, own = layout.tensor_norms(rule, directions).T
        factors = jnp.where(own > 0, target / jnp.where(own > 0, own, 1), 0)
        directions = layout.scaled(directions, factors)
    return layout.from_blocks(directions, graft)


def _normalized(layout: Layout, gradient: jax.Array) -> jax.Array:
    """Each tensor divided by its norm: [entries]."""
    rows = [
        gradient[group.start : group.end()].reshape([len(group.tensors), -1])
        for group in layout.groups
        if group.end() > group.start
    ]
    scaled = [(r / (jax.vmap(norm)(r) + _TINY)[:, None]).ravel() for r in rows]
    return jnp.concatenate([*scaled, jnp.zeros(layout.padding, jnp.float32)])


def new_weight(decay: jax.typing.ArrayLike) -> jax.Array:
    """The weight of a new term beside `decay` of the old: 1 - decay, or 1 in a sum (decay = 1)."""
    # In float32 whether or not `decay` is traced, so that both give the same bits.
    decay = jnp.asarray(decay, jnp.float32)
    return jnp.where(decay == 1, 1.0, 1.0 - decay)
