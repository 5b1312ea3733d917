"""The part of a model's entries that a device has momenta of and updates."""

import itertools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.optimizer.chosen import Numbers, chosen
from shampoo_tune.optimizer.dealing import Deal, deal
from shampoo_tune.optimizer.distribution import Devices
from shampoo_tune.optimizer.layout import Blocks, Entrywise, Layout, Tensors
from shampoo_tune.optimizer.norms import squares, tensor_norms
from shampoo_tune.optimizer.own_blocks import places_read, read_blocks
from shampoo_tune.optimizer.usable import usable


class Entries(NamedTuple):
    """Float32 entries, of a whole model or of a device's part."""

    blocks: Blocks  # [n, *block] for each bucket
    others: jax.Array | None  # [n]: of tensors that have no blocks; None if all have


class Gradient(NamedTuple):
    """A gradient."""

    tensors: Tensors  # of the whole model, as they came
    own: Entries  # what a device has of it, as far as it is usable


class Share:
    """Of each bucket as many blocks on every device, and as many of the other entries.

    Blocks are dealt in turn; what is missing to equal numbers is filled up with blocks that another
    device has too, and other entries with zeros. One device has all as they are.
    """

    def __init__(self, layout: Layout, devices: Devices) -> None:
        """Plans, from shapes alone."""
        self._layout, self._devices = layout, devices
        numbers = [len(bucket.tensors) for bucket in layout.buckets]
        self._starts = np.cumsum([0, *numbers])  # of each bucket among all blocks
        self._deals = [deal(np.zeros(number), devices.keepers) for number in numbers]

    def zeros(self) -> Entries:
        """Of all devices together."""
        pairs = zip(self._deals, self._layout.buckets, strict=True)
        number = self._layout.other_entries()
        return Entries(
            tuple(jnp.zeros([dealt.items.size, *b.shape], jnp.float32) for dealt, b in pairs),
            jnp.zeros(number + self._padding(number), jnp.float32) if number else None,
        )

    def blocks(self) -> list[Numbers]:
        """Which blocks of each bucket it has: [n]."""
        return [self._devices.own(dealt.items) for dealt in self._deals]

    def of(self, tensors: Tensors, entrywise: Entrywise = lambda entries: entries) -> Entries:
        """What it has of a model's tensors, after a function of their entries."""
        others = self._layout.others(tensors)
        if others is not None:
            padded = jnp.pad(others, (0, self._padding(len(others))))
            others = entrywise(self._devices.own_part(padded))
        if self._devices.keepers == 1:
            return Entries(self._layout.to_blocks(tensors, entrywise), others)
        read = (self._read(tensors, bucket) for bucket in range(len(self._deals)))
        return Entries(tuple(map(entrywise, read)), others)

    def of_gradient(self, tensors: Tensors) -> Gradient:
        """What it has of a gradient."""
        return Gradient(tensors, self.of(tensors, usable))

    def leaves(self, entries: Entries) -> list[jax.Array]:
        """The model's leaves in float32, of what all devices have."""
        pairs = zip(entries.blocks, self._layout.buckets, strict=True)
        blocks = tuple(self._devices.collected(own, len(b.tensors)) for own, b in pairs)
        others = entries.others
        if others is not None:
            others = self._devices.gathered(others)[: self._layout.other_entries()]
        return self._layout.to_leaves(blocks, others)

    def per_tensor(self, factor: Callable[..., jax.Array], *several: Blocks) -> list[jax.Array]:
        """For each own block, the factor that its tensor's norms in several things make: [n]."""
        own = jnp.stack([squares(blocks) for blocks in several], 1)
        places = [
            dealt.places // slots * len(own) + before + dealt.places % slots
            for dealt, slots, before in self._slots()
        ]
        all_ = chosen(self._devices.gathered(own), np.concatenate(places))
        owners = np.concatenate([bucket.tensors for bucket in self._layout.buckets])
        factors = factor(*tensor_norms(all_, owners).T)
        ends = itertools.pairwise(self._starts)
        own_factors = zip(ends, self.blocks(), strict=True)
        return [chosen(factors[start:end], numbers) for (start, end), numbers in own_factors]

    def _slots(self) -> Iterator[tuple[Deal, int, int]]:
        """How a bucket is dealt, a device's slots for it, and those for buckets before."""
        before = 0
        for dealt in self._deals:
            slots = dealt.items.shape[1]
            yield dealt, slots, before
            before += slots

    def _read(self, tensors: Tensors, bucket: int) -> jax.Array:
        cuts = list(self._layout.cuts(bucket))
        read = read_blocks(tensors, cuts, self._layout.buckets[bucket].shape, self._devices)
        places = places_read(cuts, self._devices)[self._deals[bucket].items]
        return read[self._devices.own(places)]

    def _padding(self, others: int) -> int:
        return -others % self._devices.keepers
