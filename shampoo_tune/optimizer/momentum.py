"""Shampoo's last part: weight decay, momentum and the learning rate, for one tensor."""

import jax
import jax.numpy as jnp

from shampoo_tune.optimizer.config import ShampooConfig

# A value for each of the two branches: the preconditioned update and the graft's own.
Branches = tuple[jax.Array, jax.Array]


def momentum_update(
    config: ShampooConfig,
    learning_rate: jax.Array,
    use_preconditioned: jax.Array,
    updates: Branches,
    momenta: Branches,
    decay: jax.Array,
) -> tuple[jax.Array, Branches]:
    """The step to add to a tensor, and its new momenta.

    Both branches always run, so momentum is warm when the preconditioned branch takes over::

        u = update + decay          m <- beta1 m + c u          step = -learning_rate * m

    with c = 1, or 1 - beta1 if `moving_average_for_momentum`; with `nesterov`, c u + beta1 m takes
    the place of m in the step. Without `decoupled_learning_rate` the learning rate multiplies the
    update instead (not the decay); with `decoupled_weight_decay` the decay joins m in the step
    instead and is always multiplied by the learning rate.

    Args:
        config: Shampoo's options.
        learning_rate: float32 scalar.
        use_preconditioned: bool scalar, which branch is stepped along.
        updates: of this call, each of the tensor's shape.
        momenta: of the previous call.
        decay: weight_decay * parameter.
    """
    one = jnp.ones([], jnp.float32)
    before, after = (one, learning_rate) if config.decoupled_learning_rate else (learning_rate, one)
    beta1 = jnp.asarray(config.beta1, jnp.float32)
    weight = 1 - beta1 if config.moving_average_for_momentum else one

    def decayed(update: jax.Array) -> jax.Array:
        return before * update if config.decoupled_weight_decay else before * update + decay

    terms = decayed(updates[0]), decayed(updates[1])
    momenta = beta1 * momenta[0] + weight * terms[0], beta1 * momenta[1] + weight * terms[1]
    step = jnp.where(use_preconditioned, *momenta)
    if config.nesterov:
        step = weight * jnp.where(use_preconditioned, *terms) + beta1 * step
    if config.decoupled_weight_decay:
        step = step + before * decay
    return -after * step, momenta
