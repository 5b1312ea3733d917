"""Devices that share the work and the memory of Shampoo's matrices and momenta."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import AbstractMesh, AxisType, Mesh, NamedSharding, PartitionSpec

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

    mesh: Mesh | AbstractMesh | None = None
    batch_axis_name: AxisNames = None

    @property
    def keepers(self) -> int:
        """How many devices keep a part of what one alone would."""
        return math.prod(self.mesh.shape[name] for name in self._names) if self.mesh else 1

    def on_each(
        self,
        function: Callable[[PyTree, PyTree], tuple[PyTree, PyTree]],
        which: PyTree,
        state: PyTree,
        all_: PyTree,
    ) -> tuple[PyTree, PyTree]:
        """`function(state, all_)` on each device, with its part of the state.

        Args:
            function: returns the new state and results that every device has.
            which: a prefix of the state, of bools: whether arrays [N, ...] are divided by their
                leading axis; every device has all of the others.
            state: arrays.
            all_: arrays that every device has.
        """
        if self.keepers == 1:
            return function(state, all_)
        places = self._places((which, False))
        mapped = jax.shard_map(function, mesh=self.mesh, in_specs=places, out_specs=places)
        pair: tuple[PyTree, PyTree] = mapped(*self._placed((which, False), (state, all_)))
        return pair

    def divided(self, which: PyTree, state: PyTree) -> PyTree:
        """A state that was just made: each device keeps its part, as in `on_each`."""
        return state if self.keepers == 1 else self._placed(which, state)

    # What follows is for inside `on_each`.

    def own(self, table: np.ndarray) -> jax.Array | np.ndarray:
        """A device's own row of a table [keepers, ...]; a NumPy array if there is but one."""
        return table[0] if self.keepers == 1 else jnp.asarray(table)[self._index()]

    def own_part(self, array: jax.Array) -> jax.Array:
        """A device's part of an array [N, ...] that all have."""
        if self.keepers == 1:
            return array
        length = array.shape[0] // self.keepers
        return jax.lax.dynamic_slice_in_dim(array, self._index() * length, length)

    def position(self, offset: int = 0) -> jax.Array:
        """The first of items that a device is dealt, if dealing begins at device `offset`."""
        return (self._index() - offset) % self.keepers

    def gathered(self, array: jax.Array) -> jax.Array:
        """All parts [N / keepers, ...] of an array, one after the other: [N, ...]."""
        if self.keepers == 1:
            return array
        whole: jax.Array = jax.lax.all_gather(array, self._names, tiled=True, to="invarying")
        return whole

    def collected(self, array: jax.Array, number: int) -> jax.Array:
        """All of `number` items that were dealt in turn: of [slots, ...] each, [number, ...]."""
        if self.keepers == 1:
            return array
        if 2 * number >= self.keepers * array.shape[0]:
            turns: jax.Array = jax.lax.all_gather(array, self._names, axis=1, to="invarying")
            return turns.reshape([-1, *array.shape[1:]])[:number]
        # There are fewer than two items for four devices: less is sent of a sum, with zeros.
        mine = jnp.arange(number) == self._index()
        mine = mine.reshape([number] + [1] * (array.ndim - 1))
        own = jnp.where(mine, array, 0)
        total: jax.Array = jax.lax.psum(own, self._names)  # type: ignore[no-untyped-call]
        return total

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

    def _places(self, which: PyTree) -> PyTree:
        def place(divided: bool) -> PartitionSpec:
            return PartitionSpec(*[self._names] * divided)  # type: ignore[no-untyped-call]

        return jax.tree.map(place, which)

    def _placed(self, which: PyTree, tree: PyTree) -> PyTree:
        explicit = self.mesh is not None and AxisType.Explicit in self.mesh.axis_types
        place: Any = jax.sharding.reshard if explicit else jax.lax.with_sharding_constraint

        def all_placed(spec: PartitionSpec, part: PyTree) -> PyTree:
            sharding = NamedSharding(self.mesh, spec)  # type: ignore[arg-type]
            return jax.tree.map(lambda array: place(array, sharding), part)

        return jax.tree.map(all_placed, self._places(which), tree)

    def _index(self) -> jax.Array:
        index: jax.Array = jax.lax.axis_index(self._names)
        return index

    @property
    def _names(self) -> tuple[str, ...]:
        if self.batch_axis_name is None:
            return self.mesh.axis_names if self.mesh else ()
        named = self.batch_axis_name
        return (named,) if isinstance(named, str) else tuple(named)


def _padded(array: jax.Array, multiple: int) -> jax.Array:
    missing = -array.shape[0] % multiple
    if not missing:
        return array
    item = jnp.eye(array.shape[-1], dtype=array.dtype) if array.ndim == 3 else array.dtype.type(1)
    padding = jnp.broadcast_to(item, (missing, *array.shape[1:]))
    return jnp.concatenate([array, padding])
