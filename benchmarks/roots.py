"""Inverse roots: CPU milliseconds and error of each method, beside LAPACK's eigendecomposition.

Usage: python -m benchmarks.roots     prints JSON

64 matrices of 128 x 128 with eigenvalues in a geometric series, matrix_epsilon 1e-6. The error is
the relative Frobenius distance of the root from float64's, of the worst matrix; both have the same
ridge, which is that of the estimated largest eigenvalue (power_iteration.py).
"""

import functools
import json
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.optimizer.inverse_roots import inverse_roots
from shampoo_tune.optimizer.root_result import InverseRoots, Ridge

COUNT, SIZE, EPSILON = 64, 128, 1e-6
ORDERS = (2, 4, 8)
METHODS = ("eigh", "newton")


def spectra() -> dict[str, np.ndarray]:
    """Named eigenvalues [SIZE], largest first."""
    found = {f"condition 1e{k}": np.logspace(0, -k, SIZE) for k in (2, 4, 6, 8)}
    found["rank 20"] = np.concatenate([np.logspace(0, -1, 20), np.zeros(SIZE - 20)])
    found["rank 1"] = np.eye(SIZE)[0]
    found["condition 1e4, times 1e20"] = 1e20 * np.logspace(0, -4, SIZE)
    found["condition 1e4, times 1e-20"] = 1e-20 * np.logspace(0, -4, SIZE)
    return found


def matrices(values: np.ndarray) -> jax.Array:
    """Float32 [COUNT, SIZE, SIZE] with these eigenvalues and random eigenvectors."""
    noise = np.random.default_rng(0).standard_normal((COUNT, SIZE, SIZE))
    vectors = np.linalg.qr(noise)[0]
    product = (vectors * values) @ vectors.swapaxes(1, 2)
    return jnp.asarray((product + product.swapaxes(1, 2)) / 2, jnp.float32)


def special() -> Iterator[tuple[str, jax.Array]]:
    """Matrices without a root, or without any eigenvector to prefer."""
    good = matrices(np.logspace(0, -2, SIZE))
    yield "zero", jnp.zeros_like(good)
    yield "one NaN", good.at[:, 3, 5].set(jnp.nan)
    yield "one infinity", good.at[:, 3, 5].set(jnp.inf)


@functools.cache
def compiled(order: int, method: str) -> Callable[[jax.Array], InverseRoots]:
    """The roots of a stack, jitted."""
    sizes, orders = np.full(COUNT, SIZE, np.int32), np.full(COUNT, order, np.float32)
    ridge = Ridge(EPSILON)
    return jax.jit(lambda stack: inverse_roots(stack, sizes, orders, ridge, method=method))


def error(found: InverseRoots, stack: jax.Array, order: int) -> float:
    """The worst matrix's relative Frobenius error."""
    values, vectors = np.linalg.eigh(np.asarray(stack, np.float64))
    ridge = EPSILON * np.asarray(found.largest_eigenvalue, np.float64)[:, None]
    damped = np.maximum(values, 0) + ridge
    exact = (vectors * damped[:, None] ** (-1 / order)) @ vectors.swapaxes(1, 2)
    distance = np.linalg.norm(np.asarray(found.roots, np.float64) - exact, axis=(1, 2))
    return float(np.max(distance / np.linalg.norm(exact, axis=(1, 2))))


def outcome(found: InverseRoots) -> str:
    """What happens to such a matrix's preconditioner."""
    if not np.all(found.residual < 0.1):
        return "previous kept"
    return f"root with entries up to {np.max(np.abs(found.roots)):.1e}"


def milliseconds(function: Callable[[jax.Array], Any], stack: jax.Array) -> float:
    """CPU milliseconds of one matrix: the median of five."""
    jax.block_until_ready(function(stack))  # type: ignore[no-untyped-call]
    seconds = []
    for _ in range(5):
        started = time.process_time()
        jax.block_until_ready(function(stack))  # type: ignore[no-untyped-call]
        seconds.append(time.process_time() - started)
    return 1000 * statistics.median(seconds) / COUNT


def main() -> None:
    """Print errors, outcomes and times as JSON."""
    errors: dict[str, dict[str, float]] = {}
    for name, values in spectra().items():
        stack = matrices(values)
        errors[name] = {
            f"{method} p={order}": error(compiled(order, method)(stack), stack, order)
            for method in METHODS
            for order in ORDERS
        }
    outcomes = {
        name: {method: outcome(compiled(4, method)(stack)) for method in METHODS}
        for name, stack in special()
    }
    stack = matrices(np.logspace(0, -6, SIZE))
    times = {"LAPACK eigh": milliseconds(jax.jit(lambda s: jax.lax.map(jnp.linalg.eigh, s)), stack)}
    times |= {method: milliseconds(compiled(4, method), stack) for method in METHODS}
    times["product"] = milliseconds(jax.jit(lambda s: s @ s), stack)
    print(json.dumps({"errors": errors, "outcomes": outcomes, "milliseconds": times}))


if __name__ == "__main__":
    main()
