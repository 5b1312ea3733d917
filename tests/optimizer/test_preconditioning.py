"""Gram matrices and their application, block by block in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.optimizer.blocks import Shape
from shampoo_tune.optimizer.chosen import Numbers
from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.layout import Blocks, Layout, make_layout
from shampoo_tune.optimizer.preconditioning import (
    StackPlan,
    gram_matrices,
    gram_matrix,
    precondition,
    stack_plans,
    stack_width,
)

SHAPES: list[Shape] = [(20, 18), (3, 18, 20), (18,), (2, 18, 20)]
# All of one stack.
LONG: list[Shape] = [(20, 18), (17, 18, 20), (18,)]


def model(shapes: list[Shape] = SHAPES) -> tuple[Layout, Blocks]:
    config = ShampooConfig(block_size=20, merge_small_dims_block_size=1)
    layout, rng = make_layout(shapes, config), np.random.default_rng(0)
    leaves = [jnp.asarray(rng.standard_normal(shape), jnp.float32) for shape in shapes]
    return layout, layout.to_blocks(layout.stacked(leaves))


def preconditioned(blocks: Blocks, stacks: tuple[jax.Array, ...], layout: Layout) -> Blocks:
    plans = stack_plans(layout)
    return precondition(blocks, stacks, plans, [runs_of(plan) for plan in plans])


def runs_of(plan: StackPlan, places: np.ndarray | None = None) -> list[Numbers]:
    """The part of each run of places in a stack, which are all of it in its order."""
    whole = np.arange(len(plan.sizes)) if places is None else places
    return list(np.split(whole, plan.starts()[1:]))


def grams(blocks: Blocks, plan: StackPlan) -> np.ndarray:
    return np.asarray(gram_matrices([blocks[run.bucket] for run in plan.runs], plan))


def unfolded(block: np.ndarray, axis: int) -> np.ndarray:
    return np.moveaxis(block, axis, 0).reshape(block.shape[axis], -1)


def test_each_matrix_is_the_gram_matrix_of_its_block_and_axis_padded_with_zeros() -> None:
    layout, blocks = model()
    expected = [
        unfolded(np.asarray(block, np.float64), axis)
        for stack, bucket in zip(blocks, layout.buckets, strict=True)
        for axis in bucket.axes
        for block in stack
    ]
    found = [
        (matrix, size)
        for plan in stack_plans(layout)
        for matrix, size in zip(grams(blocks, plan), plan.sizes, strict=True)
    ]
    assert len(found) == len(expected) == 2 + 3 + 1 + 3

    def key(rows: np.ndarray) -> tuple[int, float]:
        return len(rows), float(np.trace(rows))

    exact = sorted((rows @ rows.T for rows in expected), key=key)
    padded = sorted((m[:size, :size] for m, size in found), key=key)
    for gram, matrix in zip(exact, padded, strict=True):
        np.testing.assert_allclose(matrix, gram, rtol=1e-4, atol=1e-4)
    for matrix, size in found:
        assert not np.any(matrix[size:])
        assert not np.any(matrix[:, size:])


def test_a_matrix_by_its_position_is_that_of_the_stack() -> None:
    layout, blocks = model()
    for plan in stack_plans(layout):
        found = [
            gram_matrix([blocks[run.bucket] for run in plan.runs], plan, number, index)
            for number, run in enumerate(plan.runs)
            for index in range(run.number)
        ]
        np.testing.assert_allclose(
            found,
            grams(blocks, plan),
            rtol=1e-5,
            atol=1e-5,
        )


def test_matrices_may_be_anywhere_in_their_stacks() -> None:
    layout, blocks = model()
    rng = np.random.default_rng(2)
    plans, stacks, mixed, places = stack_plans(layout), [], [], []
    for plan in plans:
        noise = rng.standard_normal((len(plan.sizes), plan.width, plan.width)).astype(np.float32)
        order = rng.permutation(len(plan.sizes))
        stacks.append(jnp.asarray(noise + noise.swapaxes(1, 2)))
        mixed.append(stacks[-1][order])
        places.append(runs_of(plan, np.argsort(order)))
    found = precondition(blocks, tuple(mixed), plans, places)
    for one, other in zip(found, preconditioned(blocks, tuple(stacks), layout), strict=True):
        np.testing.assert_array_equal(one, other)


def test_each_axis_is_multiplied_by_its_own_matrix() -> None:
    """A matrix c I multiplies its axis by c: the product of a block's factors scales the block."""
    layout, blocks = model()
    factors = [2.0 + np.arange(len(plan.sizes), dtype=np.float32) for plan in stack_plans(layout)]
    stacks = tuple(
        jnp.asarray(factor[:, None, None] * np.eye(plan.width, dtype=np.float32))
        for factor, plan in zip(factors, stack_plans(layout), strict=True)
    )
    ratios = [
        np.asarray(new / old).reshape(len(old), -1)
        for new, old in zip(preconditioned(blocks, stacks, layout), blocks, strict=True)
    ]
    for ratio in ratios:
        np.testing.assert_allclose(ratio, ratio[:, :1] * np.ones_like(ratio), rtol=1e-5)
    logs = [np.log(ratio[:, 0]).sum() for ratio in ratios]
    np.testing.assert_allclose(sum(logs), sum(np.log(f).sum() for f in factors), rtol=1e-4)


def test_preconditioning_along_all_axes_is_the_product_in_numpy() -> None:
    layout, blocks = model(LONG)
    rng = np.random.default_rng(1)
    (plan,) = stack_plans(layout)
    noise = rng.standard_normal((len(plan.sizes), plan.width, plan.width)).astype(np.float32)
    symmetric = noise + noise.swapaxes(1, 2)
    directions = preconditioned(blocks, (jnp.asarray(symmetric),), layout)
    start = 0
    for bucket, stack, found in zip(layout.buckets, blocks, directions, strict=True):
        expected = np.asarray(stack, np.float64)
        for axis in bucket.axes:
            size = bucket.shape[axis]
            own = symmetric[start : start + len(stack), :size, :size]
            moved = np.moveaxis(expected, axis + 1, 1)
            moved = np.einsum("nij,nj...->ni...", own, moved)
            expected = np.moveaxis(moved, 1, axis + 1)
            start += len(stack)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


def test_default_orders_are_twice_the_axes() -> None:
    layout, _ = model()
    orders = np.concatenate([plan.orders for plan in stack_plans(layout)])
    assert sorted(orders.tolist()) == [2] + [4] * 2 + [6] * 6


@pytest.mark.parametrize(
    ("size", "largest", "width"),
    [
        (3, 128, 16),
        (16, 128, 16),
        (17, 128, 24),
        (33, 128, 48),
        (49, 128, 64),
        (97, 128, 128),
        (100, 100, 100),
        (3, 8, 8),
        (70, 72, 72),
        (129, 1000, 192),
    ],
)
def test_the_width_of_a_stack(size: int, largest: int, width: int) -> None:
    assert stack_width(size, largest) == width


def test_no_matrix_is_padded_by_more_than_a_half_beyond_sixteen() -> None:
    for size in range(16, 300):
        assert size <= stack_width(size, 1024) <= 1.5 * size


def test_a_stack_that_adds_hardly_any_work_joins_the_next_wider_one() -> None:
    def widths(shapes: list[Shape]) -> list[int]:
        config = ShampooConfig(merge_small_dims_block_size=1)
        return [plan.width for plan in stack_plans(make_layout(shapes, config))]

    large: Shape = (1280, 1280)  # 200 matrices of 128
    assert widths([large, (20, 20)]) == [128]
    assert widths([large, (20, 20), *[(60, 60)] * 50]) == [64, 128]
    assert widths([(20, 20), (60, 60)]) == [24, 60]
