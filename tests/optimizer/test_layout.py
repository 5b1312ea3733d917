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
from shampoo_tune.optimizer.layout import Layout, make_layout, preconditioned_axes

few = settings(max_examples=10, deadline=None)
models = st.lists(st.lists(st.integers(0, 5), max_size=3).map(tuple), min_size=1, max_size=5)
CONFIG = ShampooConfig(block_size=3, merge_small_dims_block_size=4)


def leaves_of(shapes: list[Shape]) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


def planned(shapes: list[Shape], config: ShampooConfig = CONFIG) -> Layout:
    return make_layout(shapes, config)


@few
@given(models)
def test_leaves_survive_the_way_through_entries_and_blocks(shapes: list[Shape]) -> None:
    leaves, layout = leaves_of(shapes), planned(shapes)
    entries = layout.to_entries([jnp.asarray(leaf) for leaf in leaves])
    assert entries.shape == (sum(math.prod(shape) for shape in shapes),)
    again = layout.from_blocks(layout.to_blocks(entries), entries)
    np.testing.assert_array_equal(again, entries)
    for leaf, returned in zip(leaves, layout.from_entries(again), strict=True):
        np.testing.assert_array_equal(leaf, returned)


@few
@given(models)
def test_every_preconditioned_entry_is_in_one_block(shapes: list[Shape]) -> None:
    layout = planned(shapes)
    entries = jnp.arange(1, 1 + sum(map(math.prod, shapes)), dtype=jnp.float32)
    blocks = layout.to_blocks(entries)
    for block, bucket in zip(blocks, layout.buckets, strict=True):
        assert block.shape == (len(bucket.tensors), *bucket.shape)
    seen = np.concatenate([np.asarray(block).ravel() for block in blocks] or [np.zeros(0)])
    expected = [entries[g.start : g.end()] for g in layout.groups if g.axes]
    np.testing.assert_array_equal(np.sort(seen), np.concatenate([*expected, np.zeros(0)]))


def test_norms_are_those_of_whole_tensors_whatever_their_number_of_blocks() -> None:
    shapes: list[Shape] = [(7, 5), (4,), (7, 5), (2, 3, 4)]
    leaves, layout = leaves_of(shapes), planned(shapes)
    blocks = layout.to_blocks(layout.to_entries([jnp.asarray(leaf) for leaf in leaves]))
    norms = layout.tensor_norms(blocks, tuple(2 * block for block in blocks))
    owners = np.concatenate([bucket.tensors for bucket in layout.buckets])
    assert len(set(owners)) == len(shapes) < len(owners)
    expected = np.array([np.linalg.norm(leaves[i]) for i in owners])
    np.testing.assert_allclose(norms, np.stack([expected, 2 * expected], 1), rtol=1e-6)


def test_the_norm_of_a_large_tensor_is_accurate() -> None:
    shape: Shape = (512, 9, 512)
    layout = planned([shape], ShampooConfig())
    values = np.random.default_rng(0).uniform(0.5, 1, shape).astype(np.float32)
    norms = layout.tensor_norms(layout.to_blocks(layout.to_entries([jnp.asarray(values)])))
    exact = np.linalg.norm(values.astype(np.float64))
    np.testing.assert_allclose(norms[0, 0], exact, rtol=1e-6)


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
    assert preconditioned_axes(shape, layout.groups[0].merged, config) == axes
