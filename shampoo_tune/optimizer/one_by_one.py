"""Work on the items of a stack: one after the other on a CPU, all at once elsewhere.

One item's arrays stay in a processor's cache. Those of a whole stack do not, and are new memory in
every step, of which each page costs as much as copying it several times.
"""

import math
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

# Smaller arrays stay in a cache as they are; loops over their items cost compilation.
_CACHE_BYTES = 2**23


def too_large(shape: tuple[int, ...]) -> bool:
    """Whether a float32 array of this shape does not stay in a cache."""
    return 4 * math.prod(shape) > _CACHE_BYTES


def in_place(
    function: Callable[..., tuple[jax.Array, Any]],
    stack: jax.Array,
    items: tuple[jax.Array, ...],
    first: int = 0,
    *,
    always: bool = False,
) -> tuple[jax.Array, Any]:
    """A stack with other items, which take the memory of the old ones if those are not used again.

    Args:
        function: (item, *items[i]) -> the new item and facts of it, a pytree of arrays. If facts
            depend on the old item, XLA copies the stack for each.
        stack: [N, ...].
        items: what the function needs besides: [n, ...] each.
        first: where the n items begin in the stack.
        always: one after the other on a CPU even if all n stay in a cache.

    Returns:
        The stack, and all facts: [n, ...].
    """
    number = len(items[0])

    def one_by_one(stack: jax.Array, *items: jax.Array) -> Any:
        def step(stack: jax.Array, item: Any) -> Any:
            place, *own = item
            old = jax.lax.dynamic_index_in_dim(stack, place, keepdims=False)
            new, facts = function(old, *own)
            return jax.lax.dynamic_update_index_in_dim(stack, new, place, 0), facts

        return jax.lax.scan(step, stack, (np.arange(first, first + number), *items))

    def at_once(stack: jax.Array, *items: jax.Array) -> tuple[jax.Array, Any]:
        part = jax.lax.dynamic_slice_in_dim(stack, first, number)
        new, facts = jax.vmap(function)(part, *items)
        return jax.lax.dynamic_update_slice_in_dim(stack, new, first, 0), facts

    shapes = [(number, *stack.shape[1:]), *(array.shape for array in items)]
    if not always and not any(map(too_large, shapes)):
        return at_once(stack, *items)
    pair: tuple[jax.Array, Any] = jax.lax.platform_dependent(
        stack, *items, cpu=one_by_one, default=at_once
    )
    return pair
