"""Devices that share the work and the memory of Shampoo's matrices."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

AxisNames = str | tuple[str, ...] | None
PyTree = Any
Work = Callable[..., Any]  # arrays [N, ...] -> a pytree of arrays [N, ...]


@dataclass(frozen=True)
class Devices:
    """Of a mesh, each of which keeps a part; or of a surrounding `shard_map`; or one alone.

    Attributes:
        mesh: under `jit`, the devices; all its axes are used unless `batch_axis_name` names some.
        batch_axis_name: without a mesh, the axis of a surrounding `shard_map`, in which every
            device keeps everything and computes a part. Neither: one device does it all.
    """

    mesh: Mesh | None = None
    batch_axis_name: AxisNames = None

    @property
    def keepers(self) -> int:
        """How many devices keep a part of what one alone would."""
        return math.prod(self.mesh.shape[name] for name in self._names) if self.mesh else 1

    def on_each(
        self, function: Callable[[PyTree, PyTree], PyTree], own: PyTree, all_: PyTree
    ) -> PyTree:
        """`function(own, all_)`, each device with its part of `own` and everything of `all_`.

        Args:
            function: treats each item alone.
            own: arrays [N, ...], divided by their leading axis; the results are divided so too.
            all_: arrays that every device has.
        """
        if self.mesh is None:
            return function(own, all_)
        divided = jax.shard_map(
            function,
            mesh=self.mesh,
            in_specs=(self._divided, PartitionSpec()),  # type: ignore[no-untyped-call]
            out_specs=self._divided,
        )
        return divided(self.divided(own), self.gathered(all_))

    def divided(self, tree: PyTree) -> PyTree:
        """Each device keeps its part of arrays [N, ...]; N is a multiple of `keepers`."""
        return jax.tree.map(lambda array: self._placed(array, self._divided), tree)

    def own_part(self, array: jax.Array) -> jax.Array:
        """Inside `on_each`, a device's part of an array [N, ...] that all have.

        Outside, XLA would divide the work of whatever made the array too, at the price of
        communication.
        """
        if self.mesh is None:
            return array
        length = array.shape[0] // self.keepers
        first = jax.lax.axis_index(self._names) * length
        return jax.lax.dynamic_slice_in_dim(array, first, length)

    def gathered(self, tree: PyTree) -> PyTree:
        """Every device has all of the arrays."""
        spec = PartitionSpec()  # type: ignore[no-untyped-call]
        return jax.tree.map(lambda array: self._placed(array, spec), tree)

    def divide_work(self, function: Work) -> Work:
        """Inside a `shard_map`, the same function of N items, of which each device computes a part.

        The items are padded to a multiple of the number of devices, matrices with identities and
        numbers with ones, and the results are gathered: all devices have all of them.

        Args:
            function: of arrays [N, b, b] or [N]; treats each item alone.
        """
        names = self._names
        if self.mesh or not names:
            return function

        def divided(*items: jax.Array) -> Any:
            number = items[0].shape[0]
            padded = [_padded(item, jax.lax.axis_size(names)) for item in items]
            share = padded[0].shape[0] // jax.lax.axis_size(names)
            first = jax.lax.axis_index(names) * share
            own = [jax.lax.dynamic_slice_in_dim(item, first, share) for item in padded]
            return jax.tree.map(
                lambda result: jax.lax.all_gather(result, names, tiled=True, to="invarying")[
                    :number
                ],
                function(*own),
            )

        return divided

    @property
    def _names(self) -> tuple[str, ...]:
        if self.batch_axis_name is None:
            return self.mesh.axis_names if self.mesh else ()
        named = self.batch_axis_name
        return (named,) if isinstance(named, str) else tuple(named)

    @property
    def _divided(self) -> PartitionSpec:
        return PartitionSpec(self._names)  # type: ignore[no-untyped-call]

    def _placed(self, array: jax.Array, spec: PartitionSpec) -> jax.Array:
        if self.mesh is None:
            return array
        explicit = AxisType.Explicit in self.mesh.axis_types
        place = jax.sharding.reshard if explicit else jax.lax.with_sharding_constraint
        placed: jax.Array = place(array, NamedSharding(self.mesh, spec))  # type: ignore[no-untyped-call]
        return placed


def _padded(array: jax.Array, multiple: int) -> jax.Array:
    missing = -array.shape[0] % multiple
    if not missing:
        return array
    item = jnp.eye(array.shape[-1], dtype=array.dtype) if array.ndim == 3 else array.dtype.type(1)
    padding = jnp.broadcast_to(item, (missing, *array.shape[1:]))
    return jnp.concatenate([array, padding])
