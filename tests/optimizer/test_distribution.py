"""Matrices and their roots divided among eight devices, simulated in a process of their own."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from shampoo_tune.optimizer import shampoo
from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.dealing import deal
from shampoo_tune.optimizer.distributed_shampoo import DIVIDED
from shampoo_tune.optimizer.layout import Layout, make_layout
from shampoo_tune.optimizer.preconditioning import stack_plans
from shampoo_tune.optimizer.share import Entries

AUTO, EXPLICIT = AxisType.Auto, AxisType.Explicit
METHODS = ("eigh", "newton")

# How the work may be divided, and among how many of the eight devices that is.
WAYS = {
    "a mesh": 8,
    "an explicit mesh": 8,
    "a mesh of two axes": 8,
    "an explicit mesh of two axes": 8,
    "one axis of a mesh": 4,
    "one axis of an explicit mesh": 4,
    "a shard_map": 8,
    "an unchecked shard_map": 8,
}

# Eleven blocks of [8 or 4, 8 or 4], of which each has two matrices, and two, [8] and [4], of which
# each has one, of another order; `table` is too large to have any. All are of one stack.
BLOCK_SIZE, ORDERS = 8, {4: 22, 2: 2}
PARAMS = {
    "kernel": np.ones((20, 12), np.float32),
    "wide": np.ones((8, 40), np.float32),
    "bias": np.ones(12, np.float32),
    "table": np.ones((3, 99), np.float32),
}
CONFIG = ShampooConfig(block_size=BLOCK_SIZE, no_preconditioning_for_layers_with_dim_gt=90)
CALLS = 3


@cache
def report(method: str) -> Any:
    """What `main` below found, in a process that sees eight devices."""
    environment = {
        **os.environ,
        "NPROC": "8",  # devices that wait for each other need a thread each
        "XLA_FLAGS": "--xla_force_host_platform_device_count=8",
        "JAX_PLATFORMS": "cpu",
        "JAX_NUMPY_DTYPE_PROMOTION": "strict",
        "JAX_NUMPY_RANK_PROMOTION": "raise",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    done = subprocess.run(
        [sys.executable, "-W", "error", __file__, method],
        env=environment,
        timeout=600,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", METHODS)
def test_updates_and_state_are_those_of_one_device(method: str, way: str) -> None:
    assert report(method)[way]["error"] <= 1e-6


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", METHODS)
def test_no_device_takes_the_root_of_more_than_its_share(method: str, way: str) -> None:
    """No loop of the program carries more matrices."""
    assert report(method)[way]["carried"] == share(way)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", METHODS)
def test_devices_tell_each_other_roots_and_what_they_update(method: str, way: str) -> None:
    """They add up blocks too few to be gathered; nothing is reordered between them."""
    found = report(method)[way]
    assert set(found["communication"]) <= {"all-gather", "all-reduce"}
    number = max(ORDERS.values()) if in_shard_map(way) and method == "newton" else None
    padded = WAYS[way] * (-(-number // WAYS[way]) if number else share(way))
    assert f"f32[{padded},{BLOCK_SIZE},{BLOCK_SIZE}]" in found["gathered"]


@pytest.mark.parametrize("way", [way for way in WAYS if "shard_map" not in way])
@pytest.mark.parametrize("method", METHODS)
def test_a_device_of_a_mesh_keeps_no_more_than_its_share(method: str, way: str) -> None:
    matrices = [share(way), BLOCK_SIZE, BLOCK_SIZE]
    entries = entries_of(WAYS[way])
    assert report(method)[way]["kept"] == {
        "statistics": [matrices],
        "preconditioners": [matrices],
        "accumulator": entries,
        "momentum": entries,
        "graft_momentum": entries,
    }


def entries_of(devices: int) -> list[list[int]]:
    """The shapes of a device's blocks and other entries."""
    blocks = [[-(-len(bucket.tensors) // devices), *bucket.shape] for bucket in planned().buckets]
    return [*blocks, [-(-PARAMS["table"].size // devices)]]


def planned() -> Layout:
    return make_layout([np.shape(leaf) for leaf in jax.tree.leaves(PARAMS)], CONFIG)


def in_shard_map(way: str) -> bool:
    return "shard_map" in way


def share(way: str) -> int:
    """Matrices of a device: of each order as many, and inside a `shard_map` of all together."""
    numbers = [sum(ORDERS.values())] if in_shard_map(way) else list(ORDERS.values())
    return sum(-(-number // WAYS[way]) for number in numbers)


def distance(one: Any, other: Any) -> float:
    """The largest relative difference of two tensors of a tree, by Frobenius norm."""

    def relative(a: Any, b: Any) -> float:
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        return float(np.linalg.norm(a - b)) / max(float(np.linalg.norm(a)), 1e-30)

    return max(map(float, jax.tree.leaves(jax.tree.map(relative, one, other))))


def in_order(state: Any, devices: int) -> Any:
    """The state with each matrix once, in the order in which one device has them."""
    (plan,) = stack_plans(planned())
    places = deal(plan.orders, devices).places

    def ordered(stacks: Any) -> Any:
        return tuple(np.asarray(stack)[places] for stack in stacks)

    def entries(parts: Entries) -> Entries:
        count = PARAMS["table"].size
        assert not np.any(np.asarray(parts.others)[count:])
        dealt = [deal(np.zeros(len(b.tensors)), devices).places for b in planned().buckets]
        blocks = tuple(np.asarray(b)[own] for b, own in zip(parts.blocks, dealt, strict=True))
        return Entries(blocks, np.asarray(parts.others)[:count])  # type: ignore[arg-type]

    return state._replace(
        statistics=ordered(state.statistics),
        preconditioners=ordered(state.preconditioners),
        accumulator=entries(state.accumulator),
        momentum=entries(state.momentum),
        graft_momentum=entries(state.graft_momentum),
    )


def ways() -> Iterator[tuple[str, Mesh, dict[str, Any], Callable[[Any], Any]]]:
    """Of each way: its name, mesh, Shampoo's arguments and what goes around the update."""
    for kind, axis_type in (("a", AUTO), ("an explicit", EXPLICIT)):
        line = jax.make_mesh((8,), ("batch",), axis_types=(axis_type,))
        grid = jax.make_mesh((4, 2), ("batch", "model"), axis_types=(axis_type,) * 2)
        yield f"{kind} mesh", line, {"mesh": line}, lambda update: update
        yield f"{kind} mesh of two axes", grid, {"mesh": grid}, lambda update: update
        arguments = {"mesh": grid, "batch_axis_name": "batch"}
        yield f"one axis of {kind} mesh", grid, arguments, lambda update: update
    mesh = jax.make_mesh((8,), ("batch",), axis_types=(AUTO,))
    replicated = PartitionSpec()  # type: ignore[no-untyped-call]
    for name, check in (("a shard_map", True), ("an unchecked shard_map", False)):
        around = partial(
            jax.shard_map, mesh=mesh, in_specs=replicated, out_specs=replicated, check_vma=check
        )
        yield name, mesh, {"batch_axis_name": "batch"}, around


def trained(
    method: str, mesh: Mesh, arguments: Any, around: Callable[[Any], Any], devices: int
) -> tuple[Any, str, Any]:
    """Updates and states of a few calls, their compiled program, and shares of the last state."""
    optimizer = shampoo(
        0.1,
        root_method=method,
        block_size=BLOCK_SIZE,
        no_preconditioning_for_layers_with_dim_gt=90,
        start_preconditioning_step=1,
        matrix_epsilon=1e-3,
        graft_type="rmsprop_normalized",
        **arguments,
    )
    everywhere = NamedSharding(mesh, PartitionSpec())  # type: ignore[no-untyped-call]
    step = jax.jit(around(lambda gradient, state: optimizer.update(gradient, state, PARAMS)))
    state, seen = jax.device_put(optimizer.init(PARAMS), everywhere), []
    program = step.lower(jax.device_put(PARAMS, everywhere), state).compile().as_text()
    for call in range(CALLS):
        rng = np.random.default_rng(call)
        gradient = {k: rng.standard_normal(p.shape).astype(p.dtype) for k, p in PARAMS.items()}
        updates, state = step(*jax.device_put((gradient, state), everywhere))
        seen.append((updates, in_order(state, devices)))
    return seen, str(program), kept(state)


def kept(state: Any) -> dict[str, Any]:
    """The shapes of what one device has."""
    return {
        name: [array.addressable_data(0).shape for array in jax.tree.leaves(getattr(state, name))]
        for name, divided in DIVIDED._asdict().items()
        if divided
    }


def seen_in(program: str) -> dict[str, Any]:
    """What the claims above need to know of a compiled program."""
    collectives = re.findall(r"= (.*?) (all-\w+|collective-\w+|reduce-scatter)[\w-]*\(", program)
    loops = re.findall(r"= (\(.*\)) while\(", program)
    carried = re.findall(rf"\[(\d+),{BLOCK_SIZE},{BLOCK_SIZE}\]", " ".join(loops))
    return {
        "communication": sorted({name for _, name in collectives}),
        "gathered": " ".join(shape for shape, _ in collectives),
        "carried": max(map(int, carried)),
    }


def main(method: str) -> None:
    """Prints as JSON what each way of dividing does."""
    assert len(jax.devices()) == 8
    one = jax.make_mesh((1,), ("batch",), axis_types=(AUTO,))
    expected, _, _ = trained(method, one, {}, lambda update: update, 1)
    found: dict[str, Any] = {}
    for name, mesh, arguments, around in ways():
        keepers = 1 if in_shard_map(name) else WAYS[name]
        results, program, parts = trained(method, mesh, arguments, around, keepers)
        found[name] = {"error": distance(expected, results), "kept": parts, **seen_in(program)}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
