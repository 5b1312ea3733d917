"""Shampoo's last part: weight decay, momentum and the learning rate, on all entries.

Both branches, the preconditioned updates and the graft's own, have a momentum that always runs, so
it is warm when the preconditioned branch takes over::

    u = update + decay          m <- beta1 m + c u          step = -learning_rate * m

with c = 1, or 1 - beta1 if `moving_average_for_momentum`; with `nesterov`, c u + beta1 m takes the
place of m in the step. Without `decoupled_learning_rate` the learning rate multiplies the update
instead (not the decay); with `decoupled_weight_decay` the decay joins m in the step instead and is
always multiplied by the learning rate.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.share import Entries


class Momenta(NamedTuple):
    """Of both branches, of all entries or a part of them."""

    preconditioned: Entries
    graft: Entries


class Vectors(NamedTuple):
    """What enters momentum, of the same entries."""

    update: Entries  # preconditioned
    graft: Entries
    decay: Entries | None  # weight_decay * parameter


def momentum_steps(
    config: ShampooConfig,
    learning_rate: jax.Array,
    count: jax.Array,
    momenta: Momenta,
    vectors: Vectors,
) -> tuple[Entries, Momenta]:
    """What is added to the parameters at a 0-based count, and both new momenta."""
    to_term = partial(momentum_term, config, learning_rate)
    to_step = partial(momentum_step, config, learning_rate)
    term = _each(to_term, vectors.update, vectors.decay)
    graft_term = _each(to_term, vectors.graft, vectors.decay)
    momentum = _each(partial(new_momentum, config), momenta.preconditioned, term)
    graft_momentum = _each(partial(new_momentum, config), momenta.graft, graft_term)
    # Not a `where` of the two: XLA would compile that into each tensor's slice of the result.
    step: Entries = jax.lax.cond(
        count >= config.start_preconditioning_step,
        lambda: _each(to_step, term, momentum, vectors.decay),
        lambda: _each(to_step, graft_term, graft_momentum, vectors.decay),
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


def _each(function: Callable[..., jax.Array], first: Entries, *others: Entries | None) -> Any:
    """`function` of each array of the first with those of the others; None has none for any."""
    absent = jax.tree.map(lambda _: None, first)
    return jax.tree.map(function, first, *(absent if tree is None else tree for tree in others))


def _beta1(config: ShampooConfig) -> jax.Array:
    return jnp.asarray(config.beta1, jnp.float32)
