"""The plan by which a whole model becomes a few arrays, whatever the number of its tensors.

Tensors of one shape are a *group*. Those that are preconditioned are cut into blocks, and blocks of
one shape are stacked over all groups: a *bucket* [n, *block]. The *others* are one vector. What is
done per entry, per block, or per tensor that has blocks, is done on these arrays.

The plan is a pure function of the tensors' shapes and of the options that are switches.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.optimizer.blocks import (
    Shape,
    block_starts,
    join_blocks,
    merge_small_dims,
    split_blocks,
    stack_shapes,
)
from shampoo_tune.optimizer.chosen import taken
from shampoo_tune.optimizer.config import ShampooConfig

Tensors = list[jax.Array]  # [K, *merged] for each group
Blocks = tuple[jax.Array, ...]  # [n, *block] for each bucket
Entrywise = Callable[[jax.Array], jax.Array]


class Bucket(NamedTuple):
    """The blocks of one shape, of all tensors that are preconditioned along the same axes."""

    shape: Shape
    axes: tuple[int, ...]
    tensors: np.ndarray  # [n]: the leaf that each block belongs to


class Group(NamedTuple):
    """The tensors of one shape."""

    tensors: tuple[int, ...]  # which leaves
    shape: Shape
    merged: Shape  # the shape itself if there are no blocks
    axes: tuple[int, ...]  # of the merged shape, that are preconditioned; none: no blocks
    places: tuple[tuple[int, int, int], ...]  # of each stack of its blocks: bucket, start, end

    def entries(self) -> int:
        """The number of entries of all its tensors."""
        return len(self.tensors) * math.prod(self.shape)


class Cut(NamedTuple):
    """The equal blocks of one tensor, which are neighbours in their bucket."""

    group: int
    row: int  # of the tensor in the group's
    first: int  # in the bucket
    starts: np.ndarray  # [number, rank]: where in the tensor each begins


class Layout(NamedTuple):
    """The plan for the leaves of a model."""

    groups: tuple[Group, ...]
    buckets: tuple[Bucket, ...]
    block_size: int

    def stacked(self, leaves: Sequence[jax.Array]) -> Tensors:
        """The tensors of each group in float32."""
        return [
            _stack([leaves[i].astype(jnp.float32) for i in group.tensors], group.merged)
            for group in self.groups
        ]

    def to_blocks(self, tensors: Tensors, entrywise: Entrywise = lambda entries: entries) -> Blocks:
        """The blocks of the tensors that are preconditioned, after a function of their entries."""
        parts: list[list[jax.Array]] = [[] for _ in self.buckets]
        for group, stack in zip(self.groups, tensors, strict=True):
            blocks = split_blocks(stack, self.block_size) if group.axes else []
            for (bucket, _, _), part in zip(group.places, blocks, strict=True):
                parts[bucket].append(entrywise(part))
        return tuple(map(jnp.concatenate, parts))

    def others(self, tensors: Tensors) -> jax.Array | None:
        """The entries of the other tensors, None if there are none."""
        rows = [
            stack.ravel()
            for group, stack in zip(self.groups, tensors, strict=True)
            if not group.axes and stack.size
        ]
        return jnp.concatenate(rows) if rows else None

    def other_entries(self) -> int:
        """How many there are."""
        return sum(group.entries() for group in self.groups if not group.axes)

    def to_leaves(self, blocks: Blocks, others: jax.Array | None) -> list[jax.Array]:
        """Leaves in float32: the inverse of `to_blocks` and `others`."""
        leaves: dict[int, jax.Array] = {}
        start = 0
        for group in self.groups:
            if group.axes:
                tensors = self._joined(group, blocks)
            elif others is not None:
                stack = others[start : start + group.entries()].reshape([len(group.tensors), -1])
                tensors = [stack[row] for row in range(len(stack))]
                start += group.entries()
            else:
                tensors = [jnp.zeros(0, jnp.float32)] * len(group.tensors)
            pairs = zip(group.tensors, tensors, strict=True)
            leaves |= {i: tensor.reshape(group.shape) for i, tensor in pairs}
        return [leaves[i] for i in range(len(leaves))]

    def cuts(self, bucket: int) -> Iterator[Cut]:
        """The blocks of a bucket, tensor after tensor."""
        for number, group in enumerate(self.groups):
            starts_of_stacks = block_starts(group.merged, self.block_size) if group.axes else []
            for (owner, first, _), starts in zip(group.places, starts_of_stacks, strict=True):
                for row in range(len(group.tensors) if owner == bucket else 0):
                    yield Cut(number, row, first + row * len(starts), starts)

    def _joined(self, group: Group, blocks: Blocks) -> list[jax.Array]:
        """The tensors of a group that has blocks, each of its own if they have several."""
        count = len(group.tensors)
        places = [(bucket, start, (end - start) // count) for bucket, start, end in group.places]
        if count == 1 or all(number == 1 for *_, number in places):
            stacks = [blocks[bucket][start : start + count * n] for bucket, start, n in places]
            joined = join_blocks(stacks, group.merged, self.block_size)
            return [joined[row] for row in range(count)]
        rows = (
            [taken(blocks[bucket], start + row * n, n) for bucket, start, n in places]
            for row in range(count)
        )
        return [join_blocks(stacks, group.merged, self.block_size)[0] for stacks in rows]


def _stack(leaves: Sequence[jax.Array], merged: Shape) -> jax.Array:
    # Vectors need one reshape, not one each.
    if all(leaf.ndim == 1 for leaf in leaves):
        return jnp.concatenate(leaves).reshape([len(leaves), *merged])
    return jnp.concatenate([leaf.reshape([1, *merged]) for leaf in leaves])


def make_layout(shapes: Sequence[Shape], config: ShampooConfig) -> Layout:
    """The plan for leaves of these shapes.

    Args:
        shapes: of the leaves.
        config: only its switches are read: they decide which axes are merged, where they are cut
            and which of them are preconditioned.
    """
    members: dict[Shape, list[int]] = {}
    for i, shape in enumerate(shapes):
        members.setdefault(tuple(shape), []).append(i)
    owners: dict[tuple[Shape, tuple[int, ...]], list[np.ndarray]] = {}
    drafts: list[tuple[Group, list[tuple[tuple[Shape, tuple[int, ...]], int, int]]]] = []
    for shape, leaves in members.items():
        merged = merged_shape(shape, config)
        axes = preconditioned_axes(shape, merged, config)
        group = Group(tuple(leaves), shape, merged if axes else shape, axes, ())
        stacks = []
        for number, *block in stack_shapes(merged, config.block_size) if axes else []:
            own = owners.setdefault((tuple(block), axes), [])
            first = sum(map(len, own))
            own.append(np.repeat(leaves, number))
            stacks.append(((tuple(block), axes), first, first + number * len(leaves)))
        drafts.append((group, stacks))
    keys = sorted(owners)
    groups = tuple(
        draft._replace(places=tuple((keys.index(key), first, last) for key, first, last in stacks))
        for draft, stacks in drafts
    )
    buckets = tuple(Bucket(*key, np.concatenate(owners[key])) for key in keys)
    return Layout(groups, buckets, config.block_size)


def merged_shape(shape: Shape, config: ShampooConfig) -> Shape:
    """The shape under which a tensor is preconditioned."""
    if not config.best_effort_shape_interpretation:
        return shape
    return merge_small_dims(shape, config.merge_small_dims_block_size or config.block_size)


def preconditioned_axes(shape: Shape, merged: Shape, config: ShampooConfig) -> tuple[int, ...]:
    """Which axes of the merged shape are preconditioned; a vector's only axis is if any are.

    Scalars and empty tensors have none; both limits look at the original shape.
    """
    too_long = max(shape, default=0) > config.no_preconditioning_for_layers_with_dim_gt
    too_few = len(shape) < max(config.skip_preconditioning_rank_lt, 1)
    if too_long or too_few or math.prod(shape) == 0:
        return ()
    axes = tuple(range(len(merged)))
    if len(merged) == 1 or config.preconditioner_type == "all":
        return axes
    return axes[:-1] if config.preconditioner_type == "input" else axes[-1:]
