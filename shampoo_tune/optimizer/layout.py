"""The plan by which a whole model becomes a few arrays, whatever the number of its tensors.

All entries of all tensors are one vector, `entries`, in which tensors of one shape, a *group*, are
neighbours: what needs no shapes is done on it. Groups are cut into blocks, and blocks of one shape
are stacked over all groups: a *bucket* [n, *block]. What is done per block, or per tensor that has
blocks, is done per bucket.

The plan is a pure function of the tensors' shapes and of the options that are switches.
"""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import Precision

from shampoo_tune.optimizer.blocks import (
    Shape,
    join_blocks,
    merge_small_dims,
    split_blocks,
    stack_shapes,
)
from shampoo_tune.optimizer.config import ShampooConfig

Blocks = tuple[jax.Array, ...]  # [n, *block] for each bucket

_INSIDE = "promise_in_bounds"  # for indices that need no clipping


class Bucket(NamedTuple):
    """The blocks of one shape, of all tensors that are preconditioned along the same axes."""

    shape: Shape
    axes: tuple[int, ...]
    tensors: np.ndarray  # [n]: the leaf that each block belongs to


class Group(NamedTuple):
    """The tensors of one shape."""

    tensors: tuple[int, ...]  # which leaves
    shape: Shape
    merged: Shape
    axes: tuple[int, ...]  # of the merged shape, that are preconditioned; none: no blocks
    start: int  # of its first entry in the vector of all
    places: tuple[tuple[int, int, int], ...]  # of each stack of its blocks: bucket, start, end

    def end(self) -> int:
        """The end of its last entry."""
        return self.start + len(self.tensors) * math.prod(self.shape)


class Layout(NamedTuple):
    """The plan for the leaves of a model."""

    groups: tuple[Group, ...]
    buckets: tuple[Bucket, ...]
    block_size: int
    padding: int  # zeros that follow the entries, for devices to have equal parts

    def length(self) -> int:
        """Of the vector of all entries."""
        return (self.groups[-1].end() if self.groups else 0) + self.padding

    def to_entries(self, leaves: Sequence[jax.Array]) -> jax.Array:
        """The float32 entries of all leaves: [entries]."""
        order = [i for group in self.groups for i in group.tensors]
        rows = [leaves[i].ravel().astype(jnp.float32) for i in order]
        return jnp.concatenate([*rows, jnp.zeros(self.padding, jnp.float32)])

    def from_entries(self, entries: jax.Array) -> list[jax.Array]:
        """The inverse of `to_entries`: leaves in float32."""
        leaves = {}
        for group in self.groups:
            size = math.prod(group.shape)
            for row, i in enumerate(group.tensors):
                start = group.start + row * size
                leaves[i] = entries[start : start + size].reshape(group.shape)
        return [leaves[i] for i in range(len(leaves))]

    def to_blocks(self, entries: jax.Array) -> Blocks:
        """The blocks of the tensors that are preconditioned."""
        return self._blocks(lambda group: entries[group.start : group.end()])

    def leaves_to_blocks(self, leaves: Sequence[jax.Array]) -> Blocks:
        """The same without the detour over the vector of all entries."""

        def stacked(group: Group) -> jax.Array:
            rows = [leaves[i].reshape([1, *group.merged]) for i in group.tensors]
            return jnp.concatenate([row.astype(jnp.float32) for row in rows])

        return self._blocks(stacked)

    def _blocks(self, tensors_of: Callable[[Group], jax.Array]) -> Blocks:
        parts: list[list[jax.Array]] = [[] for _ in self.buckets]
        for group in self.groups:
            if group.axes:
                tensors = tensors_of(group).reshape([-1, *group.merged])
                stacks = split_blocks(tensors, self.block_size)
                for (bucket, _, _), stack in zip(group.places, stacks, strict=True):
                    parts[bucket].append(stack)
        return tuple(map(jnp.concatenate, parts))

    def from_blocks(self, blocks: Blocks, others: jax.Array) -> jax.Array:
        """The entries whose `to_blocks` are these blocks; `others` for tensors without blocks."""
        return jnp.concatenate(
            [
                self._joined(group, blocks) if group.axes else others[group.start : group.end()]
                for group in self.groups
            ]
            + [others[self.length() - self.padding :]]
        )

    def tensor_norms(self, *several: Blocks) -> jax.Array:
        """For each block, the Frobenius norm of its tensor: [blocks, number of arguments]."""
        squares = [jnp.concatenate([_squares(b) for b in blocks]) for blocks in several]
        owners = np.concatenate([bucket.tensors for bucket in self.buckets])
        totals = jnp.zeros((1 + max(owners), len(several)), jnp.float32)
        totals = totals.at[owners].add(jnp.stack(squares, 1), mode=_INSIDE)
        return jnp.sqrt(totals.at[owners].get(mode=_INSIDE))

    def scaled(self, blocks: Blocks, factors: jax.Array) -> Blocks:
        """Each block multiplied by its factor [blocks]."""
        ends = np.cumsum([len(bucket.tensors) for bucket in self.buckets])
        pairs = zip(blocks, jnp.split(factors, ends[:-1]), strict=True)
        return tuple(b * factor.reshape([-1] + [1] * (b.ndim - 1)) for b, factor in pairs)

    def _joined(self, group: Group, blocks: Blocks) -> jax.Array:
        stacks = [blocks[bucket][start:end] for bucket, start, end in group.places]
        return join_blocks(stacks, group.merged, self.block_size).ravel()


def _squares(stack: jax.Array) -> jax.Array:
    """The sum of squares of each block: [n, ...] -> [n]."""
    # As products of matrices, which XLA need not compile anew for every shape; in two steps,
    # because such a product adds up its terms one after the other.
    rows = stack.reshape([stack.shape[0], -1, stack.shape[-1]])
    sums = jnp.einsum("nij,nij->ni", rows, rows, precision=Precision.HIGHEST)
    if sums.shape[1] == 1:
        return sums[:, 0]
    return jnp.matmul(sums, np.ones(sums.shape[1], np.float32), precision=Precision.HIGHEST)


def make_layout(shapes: Sequence[Shape], config: ShampooConfig, multiple: int = 1) -> Layout:
    """The plan for leaves of these shapes.

    Args:
        shapes: of the leaves.
        config: only its switches are read: they decide which axes are merged, where they are cut
            and which of them are preconditioned.
        multiple: what the length of the vector of all entries is a multiple of.
    """
    members: dict[Shape, list[int]] = {}
    for i, shape in enumerate(shapes):
        members.setdefault(tuple(shape), []).append(i)
    owners: dict[tuple[Shape, tuple[int, ...]], list[np.ndarray]] = {}
    drafts: list[tuple[Group, list[tuple[tuple[Shape, tuple[int, ...]], int, int]]]] = []
    start = 0
    for shape, leaves in members.items():
        merged = merged_shape(shape, config)
        axes = preconditioned_axes(shape, merged, config)
        group = Group(tuple(leaves), shape, merged, axes, start, ())
        stacks = []
        for number, *block in stack_shapes(merged, config.block_size) if axes else []:
            own = owners.setdefault((tuple(block), axes), [])
            first = sum(map(len, own))
            own.append(np.repeat(leaves, number))
            stacks.append(((tuple(block), axes), first, first + number * len(leaves)))
        drafts.append((group, stacks))
        start = group.end()
    keys = sorted(owners)
    groups = tuple(
        draft._replace(places=tuple((keys.index(key), first, last) for key, first, last in stacks))
        for draft, stacks in drafts
    )
    buckets = tuple(Bucket(*key, np.concatenate(owners[key])) for key in keys)
    return Layout(groups, buckets, config.block_size, -start % multiple)


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
