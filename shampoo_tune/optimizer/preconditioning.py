"""Statistics and preconditioners of a whole model, in a few stacks of matrices.

A block of shape [s_1, ..., s_k] has one statistics matrix per preconditioned axis i, its Gram
matrix G_(i) G_(i)^T of size s_i. Matrices of similar size form a stack [N, b, b], padded with zeros
from s_i to b: the next number of 16, 24, 32, 48, 64, 96, ... and never more than the largest size
there is. So a model has few stacks, each of which costs a compilation, and at most 2.3 times the
work and memory of its own sizes. A stack that adds hardly any work to the next wider one joins it.
"""

import itertools
import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import Precision

from shampoo_tune.optimizer.chosen import Numbers, chosen
from shampoo_tune.optimizer.layout import Blocks, Bucket, Layout
from shampoo_tune.optimizer.one_by_one import too_large

Stacks = tuple[jax.Array, ...]  # [N, b, b], the smallest b first

# Of the work of all roots, how much a stack may have and still save its compilation.
_HARDLY_ANY = 0.01

# What keeps the update within 1e-3 of float32's on a TPU, where the default is one bfloat16 product
# (benchmarks/precision.py). Elsewhere all are float32.
STATISTICS_PRECISION, APPLICATION_PRECISION = Precision.HIGHEST, Precision.HIGH


class Run(NamedTuple):
    """The neighbouring matrices of one bucket and axis."""

    bucket: int
    axis: int
    size: int
    order: int  # the default p = 2 * (preconditioned axes of its tensor)
    number: int


class StackPlan(NamedTuple):
    """The matrices of one stack."""

    width: int  # b
    runs: tuple[Run, ...]

    @property
    def sizes(self) -> np.ndarray:
        """How many rows and columns of each are not padding: [N]."""
        return self._repeated([run.size for run in self.runs], np.int32)

    @property
    def orders(self) -> np.ndarray:
        """The default order of each: [N]."""
        return self._repeated([run.order for run in self.runs], np.float32)

    @property
    def run_numbers(self) -> np.ndarray:
        """The run of each: [N]."""
        return self._repeated(list(range(len(self.runs))), np.int32)

    def starts(self) -> list[int]:
        """The first matrix of each run."""
        return list(np.cumsum([0, *(run.number for run in self.runs)])[:-1])

    def _repeated(self, values: list[int], kind: type) -> np.ndarray:
        return np.repeat(np.asarray(values, kind), [run.number for run in self.runs])


def stack_plans(layout: Layout) -> list[StackPlan]:
    """The plan of each stack."""
    largest = max((bucket.shape[axis] for bucket, axis in _axes(layout)), default=0)
    runs: dict[int, list[Run]] = {}
    for i, bucket in enumerate(layout.buckets):
        for axis in bucket.axes:
            size = bucket.shape[axis]
            run = Run(i, axis, size, 2 * len(bucket.axes), len(bucket.tensors))
            runs.setdefault(stack_width(size, largest), []).append(run)
    _join_wider(runs)
    return [StackPlan(width, tuple(runs[width])) for width in sorted(runs)]


def _join_wider(runs: dict[int, list[Run]]) -> None:
    """Move the runs of small stacks to the next wider ones."""
    work = sum(_number(own) * width**3 for width, own in runs.items())
    for width, wider in itertools.pairwise(sorted(runs)):
        if _number(runs[width]) * wider**3 <= _HARDLY_ANY * work:
            runs[wider] = runs.pop(width) + runs[wider]


def _number(runs: list[Run]) -> int:
    return sum(run.number for run in runs)


def gram_matrices(blocks: Sequence[jax.Array], plan: StackPlan) -> jax.Array:
    """The Gram matrices of a stack, of the blocks [n, *block] of each run: [N, b, b]."""
    runs = zip(blocks, plan.runs, strict=True)
    return jnp.concatenate([grams_of_run(own, run, plan) for own, run in runs])


def grams_of_run(blocks: jax.Array, run: Run, plan: StackPlan) -> jax.Array:
    """The Gram matrices of blocks [n, *block] along a run's axis: [n, b, b]."""
    return _padded(_gram(blocks, run.axis), plan.width)


def gram_matrix(blocks: Sequence[jax.Array], plan: StackPlan, run: Any, index: Any) -> jax.Array:
    """The Gram matrix of one block, by its run and its index in what is there of it: [b, b].

    Args:
        blocks: some for each run: [n, *block].
        plan: of the stack.
        run: a number.
        index: a number.
    """

    def of(run: Run, blocks: jax.Array) -> Any:
        def gram(index: jax.Array) -> jax.Array:
            block = jax.lax.dynamic_slice_in_dim(blocks, index, 1)
            return grams_of_run(block, run, plan)[0]

        return gram

    branches = [of(*pair) for pair in zip(plan.runs, blocks, strict=True)]
    matrix: jax.Array = jax.lax.switch(run, branches, index)
    return matrix


def precondition(
    blocks: Blocks,
    preconditioners: Stacks,
    plans: Sequence[StackPlan],
    places: Sequence[Sequence[Numbers]],
) -> Blocks:
    """Each block multiplied along its preconditioned axes.

    Args:
        blocks: of a gradient.
        preconditioners: stacks [M, b, b].
        plans: of the stacks.
        places: of each run of each stack, where in it the matrix of each block is: [n].
    """
    factors: list[list[_Factor]] = [[] for _ in blocks]
    for stack, plan, of_runs in zip(preconditioners, plans, places, strict=True):
        for run, where in zip(plan.runs, of_runs, strict=True):
            factors[run.bucket].append(_Factor(stack, run, where))
    return tuple(itertools.starmap(_multiplied, zip(blocks, factors, strict=True)))


class _Factor(NamedTuple):
    """What the blocks of a bucket are multiplied with along one axis."""

    stack: jax.Array
    run: Run
    places: Numbers  # [n]

    def matrices(self) -> jax.Array:
        """[n, s, s]."""
        return chosen(self.stack, self.places)[:, : self.run.size, : self.run.size]


def _multiplied(blocks: jax.Array, factors: list[_Factor]) -> jax.Array:
    """Blocks [n, *block] multiplied along an axis by each factor."""

    def at_once(blocks: jax.Array) -> jax.Array:
        for factor in factors:
            blocks = _multiply_axis(factor.matrices(), blocks, factor.run.axis)
        return blocks

    def one(item: tuple[jax.Array, list[jax.Array]]) -> jax.Array:
        block = item[0][None]
        for factor, place in zip(factors, item[1], strict=True):
            matrix = jax.lax.dynamic_slice_in_dim(factor.stack, place, 1)
            own = matrix[:, : factor.run.size, : factor.run.size]
            block = _multiply_axis(own, block, factor.run.axis)
        return block[0]

    def one_by_one(blocks: jax.Array) -> jax.Array:
        places = [jnp.asarray(factor.places) for factor in factors]
        product: jax.Array = jax.lax.map(one, (blocks, places))
        return product

    if not too_large(blocks.shape):
        return at_once(blocks)
    product: jax.Array = jax.lax.platform_dependent(blocks, cpu=one_by_one, default=at_once)
    return product


def _axes(layout: Layout) -> list[tuple[Bucket, int]]:
    return [(bucket, axis) for bucket in layout.buckets for axis in bucket.axes]


def stack_width(size: int, largest: int) -> int:
    """The width of the stack that matrices of this size belong to."""
    power = max(1 << (size - 1).bit_length(), 16)
    between = 3 * power // 4
    return min(between if size <= between and between >= 16 else power, largest)


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
