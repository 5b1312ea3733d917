"""Compilation, step and memory of one optimizer on one network's shapes, in a process of its own.

Usage: python -m benchmarks.optimizer_step NETWORK OPTIMIZER     prints JSON

NETWORK is a function of benchmarks/shapes.py. OPTIMIZER is `shampoo`, with the seed's values for
its 1,729 steps, or `lars` (optax's), or `floor`: LAPACK's eigendecomposition of the statistics that
Shampoo would have, nothing else. Seconds are of CPU time.
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

from benchmarks import shapes
from shampoo_tune.optimizer import shampoo

STEPS = 6
SEED_VALUES: dict[str, Any] = {
    "beta1": 0.95,
    "beta2": 0.85,
    "diagonal_epsilon": 0.0,
    "matrix_epsilon": 1.5e-5,
    "weight_decay": 1e-4,
    "start_preconditioning_step": 25,
    "exponent_override": 4,
}


def tensors(network: str, seed: int) -> dict[str, jax.Array]:
    """Random float32 tensors of a network's shapes."""
    rng = np.random.default_rng(seed)
    own: shapes.Shapes = getattr(shapes, network)()
    return {k: jnp.asarray(0.1 * rng.standard_normal(s), jnp.float32) for k, s in own.items()}


def cpu_seconds(function: Callable[[], Any]) -> tuple[float, Any]:
    """CPU seconds of a call, its arrays awaited, and its result."""
    started = time.process_time()
    result = function()
    jax.block_until_ready(result)  # type: ignore[no-untyped-call]
    return time.process_time() - started, result


def time_optimizer(network: str, optimizer: optax.GradientTransformation) -> dict[str, float]:
    """Trace and lower, compile, the median of the later steps, and the peak of memory."""
    params, gradients = tensors(network, 0), tensors(network, 1)
    state = jax.jit(optimizer.init)(params)
    step = jax.jit(optimizer.update, donate_argnums=1)
    jax.jit(lambda x: x + 1)(0.0)  # what the first compilation of a process costs is not ours
    lowering, lowered = cpu_seconds(lambda: step.lower(gradients, state, params))
    compilation, compiled = cpu_seconds(lowered.compile)
    seconds = []
    for _ in range(STEPS):
        spent, (_, state) = cpu_seconds(partial(compiled, gradients, state, params))
        seconds.append(spent)
    return {
        "lower": lowering,
        "compile": compilation,
        "step": statistics.median(seconds[2:]),
        "memory_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
    }


def time_floor(network: str) -> dict[str, Any]:
    """Seconds of `eigh` of all the statistics, one after the other, and how many of which size."""
    state = shampoo(0.1, **SEED_VALUES).init(tensors(network, 0))
    rng = np.random.default_rng(0)
    stacks = []
    for stack in state.statistics:
        rows = jnp.asarray(rng.standard_normal(stack.shape), jnp.float32)
        stacks.append(rows @ rows.mT / stack.shape[1])
    eigh = jax.jit(lambda own: [jax.lax.map(jnp.linalg.eigh, stack) for stack in own])
    cpu_seconds(partial(eigh, stacks))
    seconds = [cpu_seconds(partial(eigh, stacks))[0] for _ in range(3)]
    sizes = [list(stack.shape[:2]) for stack in stacks]
    return {"eigh": statistics.median(seconds), "sizes": sizes}


def main() -> None:
    """Print one measurement as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", choices=["resnet50", "resnet20"])
    parser.add_argument("optimizer", choices=["shampoo", "lars", "floor"])
    options = parser.parse_args()
    if options.optimizer == "floor":
        found = time_floor(options.network)
    elif options.optimizer == "lars":
        found = time_optimizer(options.network, optax.lars(0.1))
    else:
        found = time_optimizer(options.network, shampoo(0.1, **SEED_VALUES))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
