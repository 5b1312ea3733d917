"""Statistics and preconditioners of a whole model, in a few stacks of matrices.

A block of shape [s_1, ..., s_k] has one statistics matrix per preconditioned axis i, its Gram
matrix G_(i) G_(i)^T of size s_i. Matrices of similar size form a stack [N, b, b], padded with zeros
from s_i to b: the next number of 16, 24, 32, 48, 64, 96, ... and never more than the largest size
there is. So a model has few stacks, each of which costs a compilation, and at most 2.3 times the
work and memory of its own sizes.
"""

import itertools
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import Precision

from shampoo_tune.optimizer.layout import Blocks, Layout

Stacks = tuple[jax.Array, ...]  # [N, b, b], the smallest b first

# What keeps the update within 1e-3 of float32's on a TPU, where the default is one bfloat16 product
# (benchmarks/precision.py). Elsewhere all are float32.
STATISTICS_PRECISION, APPLICATION_PRECISION = Precision.HIGHEST, Precision.HIGH


class StackPlan(NamedTuple):
    """What the matrices of one stack belong to."""

    width: int  # b
    sizes: np.ndarray  # [N]: how many rows and columns of each are not padding
    orders: np.ndarray  # [N]: the default p = 2 * (preconditioned axes of its tensor)


class _Run(NamedTuple):
    """The neighbouring matrices of one bucket and axis."""

    bucket: int
    axis: int
    size: int
    width: int


def stack_plans(layout: Layout) -> list[StackPlan]:
    """The plan of each stack."""
    plans = []
    for width, runs in itertools.groupby(_runs(layout), lambda run: run.width):
        sizes, orders = [], []
        for run in runs:
            bucket = layout.buckets[run.bucket]
            number = len(bucket.tensors)
            sizes.append(np.full(number, run.size, np.int32))
            orders.append(np.full(number, 2 * len(bucket.axes), np.float32))
        plans.append(StackPlan(width, np.concatenate(sizes), np.concatenate(orders)))
    return plans


def gram_matrices(blocks: Blocks, layout: Layout) -> Stacks:
    """The Gram matrices of all blocks and preconditioned axes."""
    stacks = []
    for _, runs in itertools.groupby(_runs(layout), lambda run: run.width):
        padded = [_padded(_gram(blocks[run.bucket], run.axis), run.width) for run in runs]
        stacks.append(jnp.concatenate(padded))
    return tuple(stacks)


def precondition(blocks: Blocks, preconditioners: Stacks, layout: Layout) -> Blocks:
    """Each block multiplied along its preconditioned axes."""
    directions = list(blocks)
    grouped = itertools.groupby(_runs(layout), lambda run: run.width)
    for stack, (_, runs) in zip(preconditioners, grouped, strict=True):
        start = 0
        for bucket, axis, size, _ in runs:
            end = start + len(layout.buckets[bucket].tensors)
            matrices = stack[start:end, :size, :size]
            directions[bucket] = _multiply_axis(matrices, directions[bucket], axis)
            start = end
    return tuple(directions)


def stack_width(size: int, largest: int) -> int:
    """The width of the stack that matrices of this size belong to."""
    power = max(1 << (size - 1).bit_length(), 16)
    between = 3 * power // 4
    return min(between if size <= between and between >= 16 else power, largest)


def _runs(layout: Layout) -> list[_Run]:
    sizes = [bucket.shape[axis] for bucket in layout.buckets for axis in bucket.axes]
    runs = [
        _Run(i, axis, bucket.shape[axis], stack_width(bucket.shape[axis], max(sizes)))
        for i, bucket in enumerate(layout.buckets)
        for axis in bucket.axes
    ]
    return sorted(runs, key=lambda run: run.width)


def _padded(matrices: jax.Array, width: int) -> jax.Array:
    missing = width - matrices.shape[1]
    return jnp.pad(matrices, [(0, 0), (0, missing), (0, missing)]) if missing else matrices


def _gram(stack: jax.Array, axis: int) -> jax.Array:
    """[n, ..., s, ...] -> [n, s, s]: the product contracts all axes of a block but one."""
    before, size, after = _around(stack, axis)
    if before == 1:
        rows = stack.reshape([-1, size, after])
        return _contract(rows, (2,))
    if after == 1:
        rows = stack.reshape([-1, before, size])
        return _contract(rows, (1,))
    rows = stack.reshape([-1, before, size, after])
    return _contract(rows, (1, 3))


def _contract(rows: jax.Array, axes: tuple[int, ...]) -> jax.Array:
    dimensions = ((axes, axes), ((0,), (0,)))
    return jax.lax.dot_general(rows, rows, dimensions, precision=STATISTICS_PRECISION)


def _multiply_axis(matrices: jax.Array, stack: jax.Array, axis: int) -> jax.Array:
    """Each block's axis multiplied by its symmetric matrix: [n, s, s] on [n, ..., s, ...].

    The first and the last axis need no transposition of the block, which costs as much as the
    product.
    """
    before, size, after = _around(stack, axis)
    if before == 1:
        product = _multiply(matrices, stack.reshape([-1, size, after]))
    elif after == 1:
        product = _multiply(stack.reshape([-1, before, size]), matrices)
    else:
        rows = stack.reshape([-1, before, size, after]).swapaxes(1, 2)
        product = _multiply(matrices, rows.reshape([-1, size, before * after]))
        product = product.reshape(rows.shape).swapaxes(1, 2)
    return product.reshape(stack.shape)


def _multiply(left: jax.Array, right: jax.Array) -> jax.Array:
    return jnp.matmul(left, right, precision=APPLICATION_PRECISION)


def _around(stack: jax.Array, axis: int) -> tuple[int, int, int]:
    """The number of a block's entries before an axis, along it and after it."""
    shape = stack.shape[1:]
    return math.prod(shape[:axis]), shape[axis], math.prod(shape[axis + 1 :])
