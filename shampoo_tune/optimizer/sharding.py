"""Where the arrays of an optimizer's state are, on a mesh whose devices share it."""

from typing import Any

import jax
from jax.sharding import Mesh, NamedSharding, PartitionSpec

from shampoo_tune.optimizer.distributed_shampoo import DIVIDED, ShampooState
from shampoo_tune.optimizer.distribution import AxisNames

PyTree = Any


def state_shardings(state: PyTree, mesh: Mesh, batch_axis_name: AxisNames = None) -> PyTree:
    """The sharding of each array of a state, as `jit` wants it for arguments and results.

    Shampoo's matrices, momenta and sums are divided by their leading axis; every device has all of
    the rest, and of the states of other optimizers.

    Args:
        state: arrays or their shapes; that of Shampoo may be anywhere in it.
        mesh: that Shampoo was given.
        batch_axis_name: likewise.
    """
    names = mesh.axis_names if batch_axis_name is None else batch_axis_name
    divided = NamedSharding(mesh, PartitionSpec(names))  # type: ignore[no-untyped-call]
    everywhere = NamedSharding(mesh, PartitionSpec())  # type: ignore[no-untyped-call]

    def of(node: Any) -> Any:
        if not isinstance(node, ShampooState):
            return everywhere

        def all_of(divides: bool, part: Any) -> Any:
            return jax.tree.map(lambda _: divided if divides else everywhere, part)

        return jax.tree.map(all_of, DIVIDED, node)

    return jax.tree.map(of, state, is_leaf=lambda node: isinstance(node, ShampooState))
