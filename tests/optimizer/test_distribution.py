"""The work of the roots divided among eight devices, simulated in a process of their own."""

import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import AxisType, Mesh, NamedSharding, PartitionSpec

from shampoo_tune.optimizer import shampoo
from shampoo_tune.optimizer.distribution import divide_work

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

# Six blocks, [8 or 4, 8 or 4], of which each has two matrices; the scalar has none.
BLOCK_SIZE, MATRICES = 8, 12
PARAMS = {"kernel": np.ones((20, 12), np.float32), "scale": np.ones([], np.float32)}
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
        timeout=300,
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
    """Every loop of the program carries N / devices matrices, rounded up."""
    assert report(method)[way]["carried"] == math.ceil(MATRICES / WAYS[way])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("method", METHODS)
def test_the_only_communication_is_that_all_devices_gather_the_roots(method: str, way: str) -> None:
    padded = math.ceil(MATRICES / WAYS[way]) * WAYS[way]
    found = report(method)[way]
    assert found["communication"] == ["all-gather"]
    assert f"f32[{padded},{BLOCK_SIZE},{BLOCK_SIZE}]" in found["gathered"]


@pytest.mark.parametrize("number", ["1", "3", "8", "9"])
def test_any_number_of_items_can_be_divided_among_eight_devices(number: str) -> None:
    """What is missing to a multiple is padded, matrices with one that has an inverse."""
    assert report("eigh")["divided"][number] <= 1e-6


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("axis_type", [AUTO, EXPLICIT])
def test_one_device_does_all_the_work(axis_type: AxisType, number: int) -> None:
    mesh = jax.make_mesh((1,), ("batch",), axis_types=(axis_type,))
    items = matrices(number)
    divided = jax.jit(divide_work(inverses, mesh, None))(*items)
    whole = jax.jit(divide_work(inverses, None, None))(*items)
    assert jax.tree.map(jnp.shape, divided) == jax.tree.map(jnp.shape, whole)
    assert distance(whole, divided) <= 1e-6


def test_one_device_alone_is_not_asked_to_divide() -> None:
    assert divide_work(inverses, None, None) is inverses


def matrices(number: int) -> tuple[jax.Array, jax.Array]:
    """Invertible matrices and a number for each."""
    rng = np.random.default_rng(number)
    random = rng.standard_normal((number, 3, 3), np.float32)
    return (
        jnp.asarray(random @ random.mT + np.eye(3, dtype=np.float32)),
        jnp.asarray(rng.uniform(1, 2, number), jnp.float32),
    )


def inverses(stack: jax.Array, numbers: jax.Array) -> dict[str, jax.Array]:
    return {"inverse": jnp.linalg.inv(stack), "root": jnp.sqrt(numbers)}


def distance(one: Any, other: Any) -> float:
    """The largest relative difference of two tensors of a tree, by Frobenius norm."""

    def relative(a: Any, b: Any) -> float:
        a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
        return float(np.linalg.norm(a - b)) / max(float(np.linalg.norm(a)), 1e-30)

    return max(map(float, jax.tree.leaves(jax.tree.map(relative, one, other))))


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
    method: str, mesh: Mesh, arguments: Any, around: Callable[[Any], Any]
) -> tuple[Any, str]:
    """The updates and states of a few calls, and their compiled program."""
    optimizer = shampoo(
        0.1,
        root_method=method,
        block_size=BLOCK_SIZE,
        start_preconditioning_step=1,
        matrix_epsilon=1e-3,
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
        seen.append((updates, state))
    return seen, str(program)


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


def divided_among(mesh: Mesh, number: int) -> float:
    items = matrices(number)
    return distance(inverses(*items), jax.jit(divide_work(inverses, mesh, None))(*items))


def main(method: str) -> None:
    """Prints as JSON what each way of dividing does."""
    assert len(jax.devices()) == 8
    one = jax.make_mesh((1,), ("batch",), axis_types=(AUTO,))
    expected, _ = trained(method, one, {}, lambda update: update)
    found: dict[str, Any] = {}
    for name, mesh, arguments, around in ways():
        results, program = trained(method, mesh, arguments, around)
        found[name] = {"error": distance(expected, results), **seen_in(program)}
    if method == "eigh":
        mesh = jax.make_mesh((8,), ("batch",), axis_types=(AUTO,))
        found["divided"] = {number: divided_among(mesh, number) for number in (1, 3, 8, 9)}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
