"""LARS and LAMB: heavy ball and Adam with a step length per layer, as in MLPerf.

LARS is not `optax.lars`: there the ratio's denominator is the norm of the decayed gradient, and
tensors without a trust ratio still have the learning rate inside their momentum.
"""

from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import optax

from shampoo_tune.optimizer.baseline_config import LambConfig, LarsConfig
from shampoo_tune.optimizer.masks import mask_leaves
from shampoo_tune.optimizer.norms import norm
from shampoo_tune.optimizer.options import checked_options
from shampoo_tune.optimizer.promotion import in_standard_promotion


class LarsState(NamedTuple):
    """What LARS remembers."""

    # The number of updates made so far, int32. (The name hides the tuple's own method.)
    count: jax.Array  # type: ignore[assignment]
    momentum: optax.Updates  # float32, like params; holds the learning rate where the mask is True


def lars(
    learning_rate: optax.ScalarOrSchedule,
    *,
    momentum: float = LarsConfig.momentum,
    weight_decay: float = LarsConfig.weight_decay,
    trust_coefficient: float = LarsConfig.trust_coefficient,
    epsilon: float = LarsConfig.epsilon,
    weight_decay_mask: Any = None,
) -> optax.GradientTransformation:
    """Layer-wise adaptive rate scaling with coupled weight decay.

    Where the mask is True (weights)::

        r = trust_coefficient * ||w|| / (||g|| + weight_decay * ||w|| + epsilon)
        r = 1 if ||w|| = 0 or ||g|| = 0
        v <- momentum * v + learning_rate * r * (g + weight_decay * w)
        update = -v

    Elsewhere (biases, normalisation) heavy ball without decay or ratio, and with the learning rate
    outside the buffer: v <- momentum * v + g, update = -learning_rate * v.

    Args:
        learning_rate: a number, a tracer, or a schedule of the 0-based count.
        momentum: in [0, 1); like the other numbers it may be a tracer, which is not checked.
        weight_decay: >= 0.
        trust_coefficient: > 0.
        epsilon: >= 0.
        weight_decay_mask: a tree of bools like the parameters (or a prefix), or a function from
            parameters to one: which tensors are weights. None: all.

    Returns:
        A transformation whose `update` needs `params`; updates have the parameters' dtype.

    Raises:
        InvalidInputError: a number outside its range.

    Source: google/flax, optim/lars.py, as used in MLPerf training v0.7; You et al., arXiv
    1708.03888.
    """
    options = {
        "momentum": momentum,
        "weight_decay": weight_decay,
        "trust_coefficient": trust_coefficient,
        "epsilon": epsilon,
    }
    config = cast(LarsConfig, checked_options("lars", options))

    def init_fn(params: optax.Params) -> LarsState:
        zeros = jax.tree.map(lambda p: jnp.zeros(p.shape, jnp.float32), params)
        return LarsState(jnp.zeros([], jnp.int32), zeros)

    def update_fn(
        updates: optax.Updates, state: LarsState, params: optax.Params | None = None
    ) -> tuple[optax.Updates, LarsState]:
        if params is None:
            raise ValueError("lars needs the parameters: update(gradients, state, params)")
        rate = learning_rate(state.count) if callable(learning_rate) else learning_rate
        rate = jnp.asarray(rate, jnp.float32)
        weights, structure = jax.tree.flatten(params)
        stepped = [
            _tensor_step(config, rate, *tensor)
            for tensor in zip(
                mask_leaves(weight_decay_mask, params),
                jax.tree.leaves(updates),
                weights,
                jax.tree.leaves(state.momentum),
                strict=True,
            )
        ]
        steps, buffers = zip(*stepped, strict=True) if stepped else ((), ())
        new_state = LarsState(
            optax.safe_increment(state.count), jax.tree.unflatten(structure, buffers)
        )
        return jax.tree.unflatten(structure, steps), new_state

    return optax.GradientTransformation(init_fn, update_fn)


def _tensor_step(
    config: LarsConfig,
    learning_rate: jax.Array,
    is_weight: bool,
    gradient: jax.Array,
    weight: jax.Array,
    buffer: jax.Array,
) -> tuple[jax.Array, jax.Array]:
    dtype = weight.dtype
    gradient, weight = gradient.astype(jnp.float32), weight.astype(jnp.float32)
    if not is_weight:
        buffer = config.momentum * buffer + gradient
        return (-learning_rate * buffer).astype(dtype), buffer
    decayed = gradient + config.weight_decay * weight
    buffer = config.momentum * buffer + learning_rate * _ratio(config, gradient, weight) * decayed
    return (-buffer).astype(dtype), buffer


def _ratio(config: LarsConfig, gradient: jax.Array, weight: jax.Array) -> jax.Array:
    gradient_norm, weight_norm = norm(gradient), norm(weight)
    adapted = (gradient_norm > 0) & (weight_norm > 0)
    denominator = gradient_norm + config.weight_decay * weight_norm + config.epsilon
    ratio = config.trust_coefficient * weight_norm / jnp.where(adapted, denominator, 1)
    return jnp.where(adapted, ratio, 1)


def lamb(
    learning_rate: optax.ScalarOrSchedule,
    *,
    beta1: float = LambConfig.beta1,
    beta2: float = LambConfig.beta2,
    epsilon: float = LambConfig.epsilon,
    weight_decay: float = LambConfig.weight_decay,
    weight_decay_mask: Any = None,
) -> optax.GradientTransformation:
    """Layer-wise adaptive moments with decoupled weight decay inside the ratio.

    ::

        m <- beta1 m + (1 - beta1) g          v <- beta2 v + (1 - beta2) g ** 2
        u = m' / (sqrt(v') + epsilon) + weight_decay * w          r = ||w|| / ||u||
        update = -learning_rate * r * u                           r = 1 if either norm is 0

    with m' = m / (1 - beta1 ** (count + 1)) and v' likewise. The norms are of whole tensors and
    are not clipped. Every tensor has the ratio; those outside the mask only lack the decay.

    Args:
        learning_rate: a number, a tracer, or a schedule of the 0-based count.
        beta1: in [0, 1); like the other numbers it may be a tracer, which is not checked.
        beta2: in [0, 1).
        epsilon: >= 0; added outside the square root.
        weight_decay: >= 0.
        weight_decay_mask: a tree of bools like the parameters (or a prefix), or a function from
            parameters to one; weight decay is applied where True. None: everywhere.

    Raises:
        InvalidInputError: a number outside its range.

    Source: `optax.lamb`, which with a mask is the formula of MLPerf's BERT in JAX; You et al.,
    arXiv 1904.00962.
    """
    options = {"beta1": beta1, "beta2": beta2, "epsilon": epsilon, "weight_decay": weight_decay}
    config = cast(LambConfig, checked_options("lamb", options))
    inner = optax.lamb(
        learning_rate,
        b1=config.beta1,
        b2=config.beta2,
        eps=config.epsilon,
        weight_decay=config.weight_decay,
        mask=weight_decay_mask,
    )
    return in_standard_promotion(inner)
