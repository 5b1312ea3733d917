"""What each of several devices reads of the tensors, against all blocks in their buckets."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from jax.sharding import AbstractMesh

from shampoo_tune.optimizer.blocks import Shape
from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.distribution import Devices
from shampoo_tune.optimizer.layout import make_layout
from shampoo_tune.optimizer.own_blocks import places_read, read_blocks

few = settings(max_examples=10, deadline=None)
models = st.lists(st.lists(st.integers(1, 7), max_size=3).map(tuple), min_size=1, max_size=4)
CONFIG = ShampooConfig(block_size=3, merge_small_dims_block_size=4)


@few
@given(models, st.integers(2, 5), st.integers(0, 9))
def test_each_device_finds_the_blocks_that_it_was_dealt(
    shapes: list[Shape], number: int, offset: int
) -> None:
    layout, rng = make_layout(shapes, CONFIG), np.random.default_rng(0)
    tensors = layout.stacked([jnp.asarray(rng.standard_normal(s), jnp.float32) for s in shapes])
    devices = Devices(AbstractMesh((number,), ("devices",)))
    blocks = layout.to_blocks(tensors)
    for i, bucket in enumerate(layout.buckets):
        cuts = list(layout.cuts(i))

        def read(_: Any, cuts: Any = cuts, shape: Shape = bucket.shape) -> jax.Array:
            return read_blocks(tensors, cuts, shape, devices, offset)

        found = jax.vmap(read, axis_name="devices", axis_size=number)(jnp.arange(number))
        places = places_read(cuts, devices)
        for block in range(len(bucket.tensors)):
            own = found[(offset + block) % number]
            np.testing.assert_array_equal(own[places[block]], blocks[i][block])
