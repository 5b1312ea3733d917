"""Statistics and preconditioners of a whole model, in one stack per matrix size.

Blocks of equal shape are stacked over all tensors (blocks.py), so a model takes a few batched
products, however many tensors it has. A block of shape [s_1, ..., s_k] has one statistics matrix
per preconditioned axis i, its Gram matrix G_(i) G_(i)^T of size s_i; all matrices of one size b in
the model form a stack [N, b, b]. Matrices are never padded to another size.
"""

import math
from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.optimizer.blocks import (
    Shape,
    concatenate_by_shape,
    divide,
    join_blocks,
    merge_small_dims,
    split_blocks,
    stack_shapes,
)
from shampoo_tune.optimizer.config import ShampooConfig

Stacks = tuple[jax.Array, ...]  # [N, b, b] for each matrix size b of the model, smallest first


def preconditioned_shape(shape: Shape, config: ShampooConfig) -> Shape | None:
    """The merged shape under which a tensor is preconditioned, or None if it is not.

    Scalars and empty tensors never are; both limits look at the shape before merging.
    """
    too_long = max(shape, default=0) > config.no_preconditioning_for_layers_with_dim_gt
    too_few = len(shape) < max(config.skip_preconditioning_rank_lt, 1)
    if too_long or too_few or math.prod(shape) == 0:
        return None
    if not config.best_effort_shape_interpretation:
        return shape
    return merge_small_dims(shape, config.merge_small_dims_block_size or config.block_size)


def preconditioned_axes(rank: int, preconditioner_type: str) -> range:
    """Which of a merged tensor's axes are preconditioned; a vector's only axis always is."""
    if rank == 1 or preconditioner_type == "all":
        return range(rank)
    return range(rank - 1) if preconditioner_type == "input" else range(rank - 1, rank)


def gram_matrices(leaves: Sequence[jax.Array], config: ShampooConfig) -> Stacks:
    """The Gram matrices of all blocks and preconditioned axes of the gradients."""
    return tuple(concatenate_by_shape(_grams(leaves, config)).values())


def default_orders(leaves: Sequence[jax.Array], config: ShampooConfig) -> list[np.ndarray]:
    """For each stack, the order p = 2 * (preconditioned axes of its tensor) of each matrix [N]."""
    orders: dict[int, list[np.ndarray]] = {}
    for shape, count in _block_counts(leaves, config).items():
        axes = preconditioned_axes(len(shape), config.preconditioner_type)
        for axis in axes:
            orders.setdefault(shape[axis], []).append(np.full(count, 2.0 * len(axes), np.float32))
    return [np.concatenate(orders[size]) for size in sorted(orders)]


def precondition(
    leaves: Sequence[jax.Array], preconditioners: Stacks, config: ShampooConfig
) -> list[jax.Array | None]:
    """Each block of each gradient, multiplied along its axes; None for unpreconditioned leaves."""
    blocks = _stacked_blocks(leaves, config)
    matrices = iter(_divide_matrices(preconditioners, blocks, config))
    for shape in blocks:
        for axis in preconditioned_axes(len(shape), config.preconditioner_type):
            blocks[shape] = _multiply_axis(next(matrices), blocks[shape], axis + 1)
    return _unstack(blocks, leaves, config)


def _stacked_blocks(leaves: Sequence[jax.Array], config: ShampooConfig) -> dict[Shape, jax.Array]:
    stacks: list[jax.Array] = []
    for leaf in leaves:
        shape = preconditioned_shape(leaf.shape, config)
        if shape is not None:
            stacks += split_blocks(leaf.reshape(shape), config.block_size)
    return concatenate_by_shape(stacks)


def _unstack(
    blocks: dict[Shape, jax.Array], leaves: Sequence[jax.Array], config: ShampooConfig
) -> list[jax.Array | None]:
    merged = [preconditioned_shape(leaf.shape, config) for leaf in leaves]
    counted = [stack_shapes(shape, config.block_size) for shape in merged if shape is not None]
    stacks = iter(divide(blocks, [shape for shapes in counted for shape in shapes]))
    joined: list[jax.Array | None] = []
    for leaf, shape in zip(leaves, merged, strict=True):
        if shape is None:
            joined.append(None)
            continue
        own = [next(stacks) for _ in stack_shapes(shape, config.block_size)]
        joined.append(join_blocks(own, shape, config.block_size).reshape(leaf.shape))
    return joined


def _block_counts(leaves: Sequence[jax.Array], config: ShampooConfig) -> dict[Shape, int]:
    stacked = jax.eval_shape(
        lambda tensors: list(_stacked_blocks(tensors, config).values()), leaves
    )
    return {stack.shape[1:]: stack.shape[0] for stack in stacked}


def _grams(leaves: Sequence[jax.Array], config: ShampooConfig) -> list[jax.Array]:
    return [
        _gram(stack, axis + 1)
        for shape, stack in _stacked_blocks(leaves, config).items()
        for axis in preconditioned_axes(len(shape), config.preconditioner_type)
    ]


def _divide_matrices(
    stacks: Stacks, blocks: dict[Shape, jax.Array], config: ShampooConfig
) -> list[jax.Array]:
    """The stacks of matrices, one per block shape and axis, in the order of `_grams`."""
    shapes = [
        (stack.shape[0], shape[axis], shape[axis])
        for shape, stack in blocks.items()
        for axis in preconditioned_axes(len(shape), config.preconditioner_type)
    ]
    return divide({stack.shape[1:]: stack for stack in stacks}, shapes)


def _gram(stack: jax.Array, axis: int) -> jax.Array:
    """[n, ..., s, ...] -> [n, s, s]: the product contracts all axes of a block but one."""
    rows = jnp.moveaxis(stack, axis, 1).reshape([*stack.shape[:1], stack.shape[axis], -1])
    return rows @ rows.mT


def _multiply_axis(matrices: jax.Array, stack: jax.Array, axis: int) -> jax.Array:
    """Each block's axis multiplied by its matrix: [n, s, s] on [n, ..., s, ...]."""
    front = jnp.moveaxis(stack, axis, 1)
    rows = front.reshape([*front.shape[:2], -1])
    return jnp.moveaxis((matrices @ rows).reshape(front.shape), 1, axis)
