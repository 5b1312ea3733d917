"""The blocks that a device was dealt, read straight from the tensors that they are parts of.

All blocks of a model in their buckets would be a copy of the model, on every device. A tensor's
blocks are dealt in turn, so a device has one of them for every round; of each tensor it reads these
few, at places that depend on the device, and then chooses those it really has, since in the last
round of a tensor not every device gets one.
"""

from collections.abc import Sequence

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.optimizer.distribution import Devices
from shampoo_tune.optimizer.layout import Cut, Tensors


def read_blocks(
    tensors: Tensors, cuts: Sequence[Cut], shape: Sequence[int], devices: Devices, offset: int = 0
) -> jax.Array:
    """A block for each round of each cut: [rounds, *shape].

    Args:
        tensors: of a model.
        cuts: of a bucket.
        shape: of its blocks.
        devices: that the blocks are dealt to.
        offset: block i of the bucket is dealt to device offset + i.
    """
    found = []
    for cut in cuts:
        first = devices.position(offset + cut.first)
        tensor = tensors[cut.group][cut.row]
        for turn in range(rounds(cut, devices)):
            block = jnp.minimum(first + turn * devices.keepers, len(cut.starts) - 1)
            start = jnp.asarray(cut.starts)[block]
            found.append(jax.lax.dynamic_slice(tensor, list(start), shape))
    return jnp.stack(found)


def places_read(cuts: Sequence[Cut], devices: Devices) -> np.ndarray:
    """Where in `read_blocks` of the device that has it each block of a bucket is: [n]."""
    places, before = [], 0
    for cut in cuts:
        places.append(before + np.arange(len(cut.starts)) // devices.keepers)
        before += rounds(cut, devices)
    return np.concatenate(places).astype(np.int32)


def rounds(cut: Cut, devices: Devices) -> int:
    """How many blocks of a cut a device may have."""
    return -(-len(cut.starts) // devices.keepers)
