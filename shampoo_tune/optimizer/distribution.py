"""A function of many matrices, its work divided among the devices of a mesh."""

import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

AxisNames = str | tuple[str, ...] | None
Work = Callable[..., Any]  # arrays [N, ...] -> a pytree of arrays [N, ...]


def divide_work(function: Work, mesh: Mesh | None, batch_axis_name: AxisNames) -> Work:
    """The same function of N items, of which each device computes N / devices.

    The items are padded to a multiple of the number of devices, matrices with identities and
    numbers with ones, and the results are gathered: all devices have all of them.

    Args:
        function: of arrays [N, b, b] or [N]; treats each item alone.
        mesh: under `jit`, the devices; all its axes are used unless `batch_axis_name` names some.
        batch_axis_name: without a mesh, the axis of a surrounding `shard_map` in which every device
            holds the same items. Neither: one device does it all.
    """
    if mesh is None and batch_axis_name is None:
        return function
    return (
        _over_mesh(function, mesh, batch_axis_name) if mesh else _inside(function, batch_axis_name)
    )


def _over_mesh(function: Work, mesh: Mesh, batch_axis_name: AxisNames) -> Work:
    names = _tuple(batch_axis_name) or mesh.axis_names
    devices = math.prod(mesh.shape[name] for name in names)
    shared = PartitionSpec(names)  # type: ignore[no-untyped-call]
    everywhere = PartitionSpec()  # type: ignore[no-untyped-call]
    sharded = jax.shard_map(function, mesh=mesh, in_specs=shared, out_specs=shared)

    def share(item: jax.Array) -> jax.Array:
        # Replicated first, or XLA would divide the work of whatever made the item too, at the price
        # of communication.
        return _placed(_placed(_padded(item, devices), mesh, everywhere), mesh, shared)

    def divided(*items: jax.Array) -> Any:
        number = items[0].shape[0]
        results = sharded(*map(share, items))
        return jax.tree.map(lambda result: _placed(result, mesh, everywhere)[:number], results)

    return divided


def _inside(function: Work, batch_axis_name: AxisNames) -> Work:
    names = _tuple(batch_axis_name)

    def divided(*items: jax.Array) -> Any:
        number = items[0].shape[0]
        padded = [_padded(item, jax.lax.axis_size(names)) for item in items]
        share = padded[0].shape[0] // jax.lax.axis_size(names)
        first = jax.lax.axis_index(names) * share
        own = [jax.lax.dynamic_slice_in_dim(item, first, share) for item in padded]
        return jax.tree.map(
            lambda result: jax.lax.all_gather(result, names, tiled=True, to="invarying")[:number],
            function(*own),
        )

    return divided


def _placed(array: jax.Array, mesh: Mesh, spec: PartitionSpec) -> jax.Array:
    explicit = AxisType.Explicit in mesh.axis_types
    place = jax.sharding.reshard if explicit else jax.lax.with_sharding_constraint
    placed: jax.Array = place(array, NamedSharding(mesh, spec))  # type: ignore[no-untyped-call]
    return placed


def _padded(array: jax.Array, multiple: int) -> jax.Array:
    missing = -array.shape[0] % multiple
    if not missing:
        return array
    item = jnp.eye(array.shape[-1], dtype=array.dtype) if array.ndim == 3 else array.dtype.type(1)
    padding = jnp.broadcast_to(item, (missing, *array.shape[1:]))
    return jnp.concatenate([array, padding])


def _tuple(names: AxisNames) -> tuple[str, ...]:
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)
