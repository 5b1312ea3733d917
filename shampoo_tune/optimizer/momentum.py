"""Shampoo's last part: weight decay, momentum and the learning rate, on all entries [entries].

Both branches, the preconditioned updates and the graft's own, have a momentum that always runs, so
it is warm when the preconditioned branch takes over::

    u = update + decay          m <- beta1 m + c u          step = -learning_rate * m

with c = 1, or 1 - beta1 if `moving_average_for_momentum`; with `nesterov`, c u + beta1 m takes the
place of m in the step. Without `decoupled_learning_rate` the learning rate multiplies the update
instead (not the decay); with `decoupled_weight_decay` the decay joins m in the step instead and is
always multiplied by the learning rate.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from shampoo_tune.optimizer.config import ShampooConfig


class Momenta(NamedTuple):
    """Of both branches, of all entries or a part of them."""

    preconditioned: jax.Array
    graft: jax.Array


class Vectors(NamedTuple):
    """What enters momentum, of the same entries."""

    update: jax.Array  # preconditioned
    graft: jax.Array
    decay: jax.Array | None  # weight_decay * parameter


def momentum_steps(
    config: ShampooConfig,
    learning_rate: jax.Array,
    count: jax.Array,
    momenta: Momenta,
    vectors: Vectors,
) -> tuple[jax.Array, Momenta]:
    """What is added to the parameters at a 0-based count, and both new momenta."""
    term = momentum_term(config, learning_rate, vectors.update, vectors.decay)
    graft_term = momentum_term(config, learning_rate, vectors.graft, vectors.decay)
    momentum = new_momentum(config, momenta.preconditioned, term)
    graft_momentum = new_momentum(config, momenta.graft, graft_term)
    # Not a `where` of the two: XLA would compile that into each tensor's slice of the result.
    step: jax.Array = jax.lax.cond(
        count >= config.start_preconditioning_step,
        lambda: momentum_step(config, learning_rate, term, momentum, vectors.decay),
        lambda: momentum_step(config, learning_rate, graft_term, graft_momentum, vectors.decay),
    )
    return step, Momenta(momentum, graft_momentum)


def momentum_term(
    config: ShampooConfig, learning_rate: jax.Array, update: jax.Array, decay: jax.Array | None
) -> jax.Array:
    """What a step adds to the momentum: c u."""
    if not config.decoupled_learning_rate:
        update = learning_rate * update
    if decay is not None and not config.decoupled_weight_decay:
        update = update + decay
    return (1 - _beta1(config)) * update if config.moving_average_for_momentum else update


def new_momentum(config: ShampooConfig, momentum: jax.Array, term: jax.Array) -> jax.Array:
    """The momentum m after a step."""
    return _beta1(config) * momentum + term


def momentum_step(
    config: ShampooConfig,
    learning_rate: jax.Array,
    term: jax.Array,
    momentum: jax.Array,
    decay: jax.Array | None,
) -> jax.Array:
    """What is added to the parameters; `momentum` is already the new one."""
    one = jnp.ones([], jnp.float32)
    before, after = (one, learning_rate) if config.decoupled_learning_rate else (learning_rate, one)
    step = term + _beta1(config) * momentum if config.nesterov else momentum
    if decay is not None and config.decoupled_weight_decay:
        step = step + before * decay
    return -after * step


def _beta1(config: ShampooConfig) -> jax.Array:
    return jnp.asarray(config.beta1, jnp.float32)
