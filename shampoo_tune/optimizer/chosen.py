"""Rows of an array, by their numbers."""

import jax
import numpy as np

Numbers = jax.Array | np.ndarray  # [n]; a NumPy array if they are known before the step runs


def chosen(array: jax.Array, numbers: Numbers) -> jax.Array:
    """The rows of these numbers; neighbours by a slice, where a choice would be a copy."""
    if isinstance(numbers, np.ndarray):
        first = int(numbers[0])
        if np.array_equal(numbers, np.arange(first, first + len(numbers))):
            return array[first : first + len(numbers)]
    return array[numbers]


def taken(array: jax.Array, first: int, number: int) -> jax.Array:
    """Neighbouring rows. As many of another start are the same kernel, of a CPU, with other data.

    A slice would be a kernel of its own for each start, and a network's hundred slices a fifth of
    the time that its step takes to compile.
    """
    rows = np.arange(first, first + number, dtype=np.int32).reshape([number, 1])
    own = array.shape[1:]
    dimensions = jax.lax.GatherDimensionNumbers(
        offset_dims=tuple(range(1, array.ndim)), collapsed_slice_dims=(0,), start_index_map=(0,)
    )
    return jax.lax.gather(
        array,
        rows,
        dimensions,
        (1, *own),
        unique_indices=True,
        indices_are_sorted=True,
        mode="promise_in_bounds",
    )
