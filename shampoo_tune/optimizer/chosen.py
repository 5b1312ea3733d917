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
