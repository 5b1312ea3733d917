"""Merging and blocks: worked examples, and round trips of random shapes."""

import math

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shampoo_tune.optimizer.blocks import (
    Part,
    Shape,
    axis_parts,
    join_blocks,
    merge_small_dims,
    split_blocks,
    stack_shapes,
)

shapes = st.lists(st.integers(1, 9), min_size=1, max_size=3).map(tuple)
few = settings(max_examples=8, deadline=None)


def numbered(shape: Shape) -> np.ndarray:
    return np.arange(math.prod(shape), dtype=np.float32).reshape(shape)


@pytest.mark.parametrize(
    ("shape", "limit", "merged"),
    [
        ((3, 3, 128, 128), 128, (9, 128, 128)),
        ((3, 3, 16, 32), 4096, (144, 32)),
        ((64, 64, 3), 4096, (4096, 3)),
        ((7, 5), 4096, (35,)),
        ((5, 1, 7), 4, (5, 7)),
        ((1, 300, 1), 128, (300,)),
        ((1, 1), 128, (1,)),
        ((), 128, ()),
    ],
)
def test_small_neighbours_are_merged_from_the_left(shape: Shape, limit: int, merged: Shape) -> None:
    assert merge_small_dims(shape, limit) == merged


@given(shapes, st.integers(1, 100))
def test_merging_keeps_the_elements_and_the_limit(shape: Shape, limit: int) -> None:
    merged = merge_small_dims(shape, limit)
    assert math.prod(merged) == math.prod(shape)
    assert all(length <= max(limit, *shape) for length in merged)


def test_an_axis_is_cut_at_multiples_with_the_remainder_last() -> None:
    assert axis_parts(300, 128) == (Part(0, 2, 128), Part(256, 1, 44))
    assert axis_parts(256, 128) == (Part(0, 2, 128),)
    assert axis_parts(100, 128) == (Part(0, 1, 100),)


@few
@given(shapes, st.integers(1, 6), st.integers(1, 3))
def test_join_inverts_split(shape: Shape, block_size: int, count: int) -> None:
    tensors = numbered((count, *shape))
    stacks = split_blocks(jnp.asarray(tensors), block_size)
    expected = [(count * number, *block) for number, *block in stack_shapes(shape, block_size)]
    assert [stack.shape for stack in stacks] == expected
    np.testing.assert_array_equal(join_blocks(stacks, shape, block_size), tensors)


@few
@given(shapes, st.integers(1, 6))
def test_blocks_cover_every_element_once(shape: Shape, block_size: int) -> None:
    stacks = split_blocks(jnp.asarray(numbered((2, *shape))), block_size)
    covered = np.concatenate([np.asarray(stack).ravel() for stack in stacks])
    np.testing.assert_array_equal(np.sort(covered), np.arange(2 * math.prod(shape)))
    assert all(length <= block_size for stack in stacks for length in stack.shape[1:])


def test_a_block_is_a_window_of_a_tensor() -> None:
    tensors = numbered((2, 5, 4))
    stacks = split_blocks(jnp.asarray(tensors), 2)
    np.testing.assert_array_equal(stacks[0][3], tensors[0, 2:4, 2:4])
    np.testing.assert_array_equal(stacks[0][4 + 3], tensors[1, 2:4, 2:4])
    np.testing.assert_array_equal(stacks[1][1], tensors[0, 4:, 2:4])
