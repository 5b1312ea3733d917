"""A configuration's optimizer for programs that are not ours: its numbers travel in its state."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax.sharding import Mesh

from shampoo_tune.optimizer.arms import build
from shampoo_tune.optimizer.config import Configuration
from shampoo_tune.optimizer.pytrees import numbers_of, with_numbers


class TunedState(NamedTuple):
    """The state of `tuned`."""

    hyperparameters: dict[str, dict[str, jax.Array]]  # float32 and int32 scalars, never changed
    inner: Any  # of the arm's optimizer


def tuned(configuration: Configuration, mesh: Mesh | None = None) -> optax.GradientTransformation:
    """The optimizer that `build` makes, its numbers data in the state as they are in the tuner.

    A number that stands in the program is a constant, around which a compiler rearranges
    arithmetic: the last bits of an update would depend on it. And what is restored from a
    checkpoint trains on with its own numbers, whatever file the program has read since.

    Args:
        configuration: of a trial.
        mesh: see `build`.
    """

    def init_fn(params: optax.Params) -> TunedState:
        numbers = jax.tree.map(jnp.asarray, numbers_of(configuration))
        inner = build(with_numbers(configuration, numbers), mesh).init(params)
        return TunedState(numbers, inner)

    def update_fn(
        updates: optax.Updates, state: TunedState, params: optax.Params | None = None
    ) -> tuple[optax.Updates, TunedState]:
        arm = build(with_numbers(configuration, state.hyperparameters), mesh)
        updates, inner = arm.update(updates, state.inner, params)
        return updates, TunedState(state.hyperparameters, inner)

    return optax.GradientTransformation(init_fn, update_fn)
