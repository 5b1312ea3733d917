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

    def check(self, batch_size: int) -> None:
        """Whether the devices can share a batch.

        Raises:
            InvalidInputError: they cannot, as they would not have equal parts.
        """
        if batch_size % self.mesh.size:
            raise InvalidInputError(
                f"a batch of {batch_size} cannot be divided among {self.mesh.size} devices:"
                f" make batch_size a multiple of {self.mesh.size}"
            )

    def split(self, batch: PyTree) -> PyTree:
        """A batch, which every process has whole, divided by its leading axis."""
        shared = NamedSharding(self.mesh, PartitionSpec(AXIS))  # type: ignore[no-untyped-call]

        def place(array: jax.Array) -> jax.Array:
            if self.mesh.is_multi_process:
                host = np.asarray(array)
                return jax.make_array_from_callback(host.shape, shared, lambda part: host[part])
            placed: jax.Array = jax.device_put(array, shared)
            return placed

        return jax.tree.map(place, batch)

    def shapes(self, tree: PyTree) -> PyTree:
        """Shapes of arrays of which every device has a copy."""

        def place(leaf: Any) -> jax.ShapeDtypeStruct:
            return jax.ShapeDtypeStruct(  # type: ignore[no-untyped-call]
                leaf.shape, leaf.dtype, sharding=self.everywhere
            )

        return jax.tree.map(place, tree)

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
    return DataParallel(jax.make_mesh((jax.device_count(),), (AXIS,)))
