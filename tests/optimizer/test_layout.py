"""The plan of a model: inverse pairs over random shapes, and worked examples."""

import dataclasses
import math

import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shampoo_tune.optimizer.blocks import Shape
from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.layout import (
    Blocks,
    Layout,
    make_layout,
    merged_shape,
    preconditioned_axes,
)

few = settings(max_examples=10, deadline=None)
models = st.lists(st.lists(st.integers(0, 5), max_size=3).map(tuple), min_size=1, max_size=5)
CONFIG = ShampooConfig(block_size=3, merge_small_dims_block_size=4)


def leaves_of(shapes: list[Shape]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


def planned(shapes: list[Shape], config: ShampooConfig = CONFIG) -> Layout:
    return make_layout(shapes, config)


def blocks_of(layout: Layout, leaves: list[np.ndarray]) -> Blocks:
    return layout.to_blocks(layout.stacked([jnp.asarray(leaf) for leaf in leaves]))


@few
@given(models)
def test_leaves_survive_the_way_through_blocks_and_others(shapes: list[Shape]) -> None:
    leaves, layout = leaves_of(shapes), planned(shapes)
    tensors = layout.stacked([jnp.asarray(leaf) for leaf in leaves])
    again = layout.to_leaves(layout.to_blocks(tensors), layout.others(tensors))
    for leaf, returned in zip(leaves, again, strict=True):
        np.testing.assert_array_equal(leaf, returned)


def test_equal_tensors_of_several_blocks_come_back_each_as_itself() -> None:
    shapes: list[Shape] = [(4, 5), (7,), (4, 5), (7,), (2,), (4, 5)]
    leaves, layout = leaves_of(shapes), planned(shapes)
    tensors = layout.stacked([jnp.asarray(leaf) for leaf in leaves])
    again = layout.to_leaves(layout.to_blocks(tensors), layout.others(tensors))
    for leaf, returned in zip(leaves, again, strict=True):
        np.testing.assert_array_equal(leaf, returned)


@few
@given(models)
def test_every_entry_is_in_one_block_or_among_the_others(shapes: list[Shape]) -> None:
    layout = planned(shapes)
    ends = np.cumsum([0, *map(math.prod, shapes)])
    numbered = [
        np.arange(start, end, dtype=np.float32).reshape(shape)
        for start, end, shape in zip(ends[:-1], ends[1:], shapes, strict=True)
    ]
    blocks = blocks_of(layout, numbered)
    for block, bucket in zip(blocks, layout.buckets, strict=True):
        assert block.shape == (len(bucket.tensors), *bucket.shape)
    others = layout.others(layout.stacked([jnp.asarray(leaf) for leaf in numbered]))
    assert layout.other_entries() == (0 if others is None else len(others))
    seen = [np.asarray(array).ravel() for array in (*blocks, others) if array is not None]
    np.testing.assert_array_equal(np.sort(np.concatenate([*seen, []])), np.arange(ends[-1]))


@few
@given(models)
def test_cuts_tell_where_each_block_of_a_bucket_begins(shapes: list[Shape]) -> None:
    leaves, layout = leaves_of(shapes), planned(shapes)
    tensors = layout.stacked([jnp.asarray(leaf) for leaf in leaves])
    blocks = layout.to_blocks(tensors)
    for number, bucket in enumerate(layout.buckets):
        found = [
            tensors[cut.group][cut.row][
                tuple(slice(a, a + n) for a, n in zip(start, bucket.shape, strict=True))
            ]
            for cut in layout.cuts(number)
            for start in cut.starts
        ]
        np.testing.assert_array_equal(found, blocks[number])


def test_the_number_of_buckets_is_that_of_the_block_shapes() -> None:
    shapes: list[Shape] = [(6, 6), (3, 3), (3,), (6, 6), (5,), ()]
    buckets = planned(shapes, ShampooConfig(block_size=3)).buckets
    # Blocks of [6, 6] and [3, 3] are alike; [5] is cut in [3] and [2]; () has none.
    assert [(b.shape, len(b.tensors)) for b in buckets] == [((2,), 1), ((3,), 2), ((3, 3), 9)]
    assert buckets[2].tensors.tolist() == [0] * 4 + [3] * 4 + [1]


@pytest.mark.parametrize(
    ("shape", "change", "axes"),
    [
        ((), {}, ()),
        ((4, 0), {}, ()),
        ((1,), {}, (0,)),
        ((5, 5), {}, (0, 1)),
        ((5, 5), {"preconditioner_type": "input"}, (0,)),
        ((5, 5, 5), {"preconditioner_type": "output"}, (2,)),
        ((5,), {"preconditioner_type": "input"}, (0,)),
        ((5, 5), {"skip_preconditioning_rank_lt": 3}, ()),
        ((5, 9), {"no_preconditioning_for_layers_with_dim_gt": 8}, ()),
        ((5, 8), {"no_preconditioning_for_layers_with_dim_gt": 8}, (0, 1)),
    ],
)
def test_which_axes_are_preconditioned(
    shape: Shape, change: dict[str, object], axes: tuple[int, ...]
) -> None:
    config = dataclasses.replace(CONFIG, **change)  # type: ignore[arg-type]
    layout = planned([shape], config)
    assert layout.groups[0].axes == axes
    assert preconditioned_axes(shape, merged_shape(shape, config), config) == axes
