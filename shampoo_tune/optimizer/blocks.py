"""Shapes of preconditioning: merge small axes, cut tensors of one shape into blocks.

Everything here is exact bookkeeping without arithmetic. `split_blocks` and `join_blocks` are
inverses. Blocks are never padded: a root costs the cube of its size.
"""

import itertools
import math
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

Shape = tuple[int, ...]


class Part(NamedTuple):
    """Equal neighbouring blocks of one axis: `number` of them, `size` long, from `start`."""

    start: int
    number: int
    size: int


def merge_small_dims(shape: Shape, limit: int) -> Shape:
    """Neighbouring axes merged from left to right while their product is at most `limit`.

    Axes of length 1 vanish, unless there is nothing else::

        merge_small_dims((3, 3, 128, 128), 128) == (9, 128, 128)
        merge_small_dims((3, 3, 16, 32), 4096) == (144, 32)
        merge_small_dims((5, 1, 7), 4) == (5, 7)
        merge_small_dims((1, 1), 128) == (1,)
        merge_small_dims((), 128) == ()
    """
    if shape and math.prod(shape) == 1:
        return (1,)
    merged, product = [], 1
    for length in shape:
        if product * length <= limit:
            product *= length
        else:
            merged.append(product)
            product = length
    return tuple(length for length in [*merged, product] if length > 1)


def axis_parts(length: int, block_size: int) -> tuple[Part, ...]:
    """One axis cut at the multiples of `block_size`, the remainder last.

    ::

        axis_parts(300, 128) == (Part(0, 2, 128), Part(256, 1, 44))
        axis_parts(100, 128) == (Part(0, 1, 100),)
    """
    count, rest = divmod(length, block_size)
    parts = (Part(0, count, block_size), Part(count * block_size, 1, rest))
    return tuple(part for part in parts if part.number and part.size)


def split_blocks(tensors: jax.Array, block_size: int) -> list[jax.Array]:
    """All blocks of tensors [K, *shape], those of one region stacked in an array [K * n, *block].

    A region is a choice of one part per axis, so there are at most 2 ** rank of them. Block size
    128, tensors [5, 300, 200]: parts 2 x 128 and 44 of the rows, 128 and 72 of the columns give
    the stacks [10, 128, 128], [10, 128, 72], [5, 44, 128], [5, 44, 72].
    """
    count, *shape = tensors.shape
    stacks = []
    for region in _regions(tuple(shape), block_size):
        window = tuple(slice(p.start, p.start + p.number * p.size) for p in region)
        # [5, 256, 72] -> [5, 2, 128, 1, 72] -> [5, 2, 1, 128, 72] -> [10, 128, 72]
        grid = tensors[:, *window].reshape(
            [count, *(n for p in region for n in (p.number, p.size))]
        )
        axes = range(1, 2 * len(shape) + 1)
        grid = grid.transpose([0, *axes[::2], *axes[1::2]])
        stacks.append(grid.reshape([-1, *(p.size for p in region)]))
    return stacks


def join_blocks(stacks: Sequence[jax.Array], shape: Shape, block_size: int) -> jax.Array:
    """The tensors [K, *shape] whose `split_blocks` are these stacks."""
    tiles, rank = [], len(shape)
    for region, stack in zip(_regions(shape, block_size), stacks, strict=True):
        grid = stack.reshape([-1, *(p.number for p in region), *(p.size for p in region)])
        grid = grid.transpose([0, *(a + 1 for i in range(rank) for a in (i, rank + i))])
        tiles.append(grid.reshape([-1, *(p.number * p.size for p in region)]))
    for axis in reversed(range(rank)):
        width = len(axis_parts(shape[axis], block_size))
        tiles = [
            jnp.concatenate(row, axis + 1) if width > 1 else row[0]
            for row in (tiles[i : i + width] for i in range(0, len(tiles), width))
        ]
    return tiles[0]


def stack_shapes(shape: Shape, block_size: int) -> list[Shape]:
    """The shapes of `split_blocks` of one tensor of this shape, in order."""
    return [
        (math.prod(p.number for p in region), *(p.size for p in region))
        for region in _regions(shape, block_size)
    ]


def block_starts(shape: Shape, block_size: int) -> list[np.ndarray]:
    """Where in a tensor each block begins, for each stack of `split_blocks`: [n, rank]."""
    return [
        np.stack([c.ravel() for c in np.meshgrid(*map(_part_starts, region), indexing="ij")], 1)
        for region in _regions(shape, block_size)
    ]


def _part_starts(part: Part) -> np.ndarray:
    return part.start + part.size * np.arange(part.number, dtype=np.int32)


def _regions(shape: Shape, block_size: int) -> list[tuple[Part, ...]]:
    return list(itertools.product(*(axis_parts(length, block_size) for length in shape)))
