"""Gradients of a batch, of all of it at once or of its parts in turn."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from shampoo_tune.workloads.workload import Batch, PyTree, Workload

Gradients = tuple[tuple[jax.Array, PyTree], PyTree]  # (loss, model state), gradients


def batch_gradients(
    workload: Workload,
    params: PyTree,
    model_state: PyTree,
    batch: Batch,
    key: jax.Array,
    shards: int,
) -> Gradients:
    """Loss, model state and gradients of a step.

    With `workload.microbatches` they are means over the parts, each of which has a part of every
    device's examples, so that no example moves: consecutive ones stay together.

    Args:
        workload: whose loss it is.
        params: of the model.
        model_state: before the step.
        batch: of the step; its leading axes are divided among `shards` devices.
        key: for randomness; each part has its own.
        shards: devices that share the batch.
    """

    def of(part: Batch, key: jax.Array) -> Gradients:
        (loss, (state, _)), gradients = jax.value_and_grad(workload.loss, has_aux=True)(
            params, model_state, part, key
        )
        return (loss, state), gradients

    if workload.microbatches == 1:
        return of(batch, key)
    return _mean(of, _parts(batch, workload.microbatches, shards), key)


def _parts(batch: Batch, parts: int, shards: int) -> Batch:
    """Arrays [parts, n / parts, ...] of arrays [n, ...]."""

    def divide(array: jax.Array) -> jax.Array:
        apart = array.reshape(shards, parts, -1, *array.shape[1:])
        return apart.swapaxes(0, 1).reshape(parts, -1, *array.shape[1:])

    divided: Batch = jax.tree.map(divide, batch)
    return divided


def _mean(of: Callable[[Batch, jax.Array], Gradients], parts: Batch, key: jax.Array) -> Gradients:
    count = jax.tree.leaves(parts)[0].shape[0]
    shapes = jax.eval_shape(of, jax.tree.map(lambda array: array[0], parts), key)
    zeros = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)

    def add(total: Any, numbered: tuple[jax.Array, Batch]) -> tuple[Any, None]:
        number, part = numbered
        found = of(part, jax.random.fold_in(key, number))
        return jax.tree.map(lambda a, b: a + b / count, total, found), None

    total: Gradients = jax.lax.scan(add, zeros, (jnp.arange(count), parts))[0]
    return total
