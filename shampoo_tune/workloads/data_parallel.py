"""One model on several devices: each has all of the parameters and its share of a batch.

The devices may belong to several processes, which then run the same program in step. What a batch
means does not change with their number: a mean over it, a batch normalisation too, is over all of
it. Sums are taken in another order, so the last bits of a result depend on the number of devices.
"""

from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
from jax.experimental import multihost_utils
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from shampoo_tune.errors import InvalidInputError

PyTree = Any

AXIS = "data"


@dataclass(frozen=True)
class DataParallel:
    """Places arrays on a mesh of one axis, `data`."""

    mesh: Mesh

    @property
    def everywhere(self) -> NamedSharding:
        """Of what every device has a copy."""
        return NamedSharding(self.mesh, PartitionSpec())  # type: ignore[no-untyped-call]

    def check(self, batch_size: int, microbatches: int = 1) -> None:
        """Whether the devices can share a batch, or each of its parts.

        Raises:
            InvalidInputError: they cannot, as they would not have equal parts.
        """
        parts = self.mesh.size * microbatches
        if batch_size % parts:
            each = f", in {microbatches} parts each" if microbatches > 1 else ""
            raise InvalidInputError(
                f"a batch of {batch_size} cannot be divided among {self.mesh.size} devices{each}:"
                f" make batch_size a multiple of {parts}"
            )

    @property
    def shared(self) -> NamedSharding:
        """Of what is divided by its leading axis."""
        return NamedSharding(self.mesh, PartitionSpec(AXIS))  # type: ignore[no-untyped-call]

    def split(self, batch: PyTree, batch_size: int) -> PyTree:
        """A batch divided by its leading axis.

        Args:
            batch: of this process, all of it or the part of its rank.
            batch_size: of all of it.
        """

        def place(array: jax.Array) -> jax.Array:
            if not self.mesh.is_multi_process:
                placed: jax.Array = jax.device_put(array, self.shared)
                return placed
            host = np.asarray(array)
            if len(host) == batch_size:
                part = host.__getitem__
                return jax.make_array_from_callback(host.shape, self.shared, part)
            joined: jax.Array = jax.make_array_from_process_local_data(  # type: ignore[no-untyped-call]
                self.shared, host
            )
            return joined

        return jax.tree.map(place, batch)

    def shapes(self, tree: PyTree, sharding: NamedSharding | None = None) -> PyTree:
        """Shapes of arrays of which every device has a copy, or of another sharding."""

        def place(leaf: Any) -> jax.ShapeDtypeStruct:
            return jax.ShapeDtypeStruct(  # type: ignore[no-untyped-call]
                leaf.shape, leaf.dtype, sharding=sharding or self.everywhere
            )

        return jax.tree.map(place, tree)

    def place(self, tree: PyTree, shardings: PyTree) -> PyTree:
        """Under `jit`, arrays with these shardings."""
        return jax.tree.map(jax.lax.with_sharding_constraint, tree, shardings)

    def one(self, tree: PyTree) -> PyTree:
        """The copy of the first device of this process."""
        return jax.tree.map(lambda array: array.addressable_data(0), tree)

    def any_process(self, wish: bool) -> bool:
        """Whether any process wishes so; all must ask at the same place of the program."""
        if not self.mesh.is_multi_process:
            return wish
        return bool(np.any(multihost_utils.process_allgather(np.asarray(wish))))


def all_devices() -> DataParallel | None:
    """All devices of all processes; None if there is only one."""
    if jax.device_count() == 1:
        return None
    # Not `make_mesh`, which may mix devices of several hosts: a batch's rows are in the order of
    # processes, and so are the groups of a virtual batch.
    devices = sorted(jax.devices(), key=lambda device: (device.process_index, device.id))
    return DataParallel(Mesh(devices, (AXIS,)))


def local_devices() -> DataParallel:
    """The devices of this process alone."""
    devices = sorted(jax.local_devices(), key=lambda device: device.id)
    return DataParallel(Mesh(devices, (AXIS,)))


def sum_over_processes(values: np.ndarray) -> np.ndarray:
    """The sum of what each process has; all must ask at the same place of the program."""
    if jax.process_count() == 1:
        return values
    total: np.ndarray = np.asarray(multihost_utils.process_allgather(values)).sum(axis=0)
    return total
