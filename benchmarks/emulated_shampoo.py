"""Shampoo's three uses of matrix products in float64, with the products of any use replaced.

Statistics are products of gradients, roots are coupled Newton iterations, and the application of
the roots to a gradient is products again. What is not a matrix product is float64, but for the
statistics, which are stored in float32, and the inside of a replaced Newton iteration. The ridge is
made of the exact largest eigenvalue: the power iteration that estimates it has no part in this.
"""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.bfloat16_products import Multiply, multiplication
from benchmarks.gradient_record import BETA2, ORDER, Record
from shampoo_tune.optimizer import newton_roots
from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.root_result import Fallback, Ridge

EXACT = "float64"
SHARES = (1 / 8, 1 / 2, 1)  # of the steps, after which a replay is looked at

Arrays = list[np.ndarray]
Axes = list[tuple[int, ...]]  # of each stack of blocks [n, *block]


class Products(NamedTuple):
    """How each use multiplies: `float64` or a kind of bfloat16_products."""

    statistics: str = EXACT
    roots: str = EXACT
    application: str = EXACT


class Outcome(NamedTuple):
    """What one step's products gave."""

    statistics: Arrays
    roots: Arrays
    directions: Arrays
    updates: Arrays
    failed: int


class Roots(NamedTuple):
    """Roots of stacks of matrices; those that failed are NaN."""

    roots: Arrays  # [n, s, s]
    failed: int


def replay(record: Record, epsilon: float, products: Products) -> Iterator[Outcome]:
    """The outcomes after the chosen steps."""
    axes, steps = record.axes, len(record.gradients)
    statistics = first_statistics(record.gradients[0], axes, epsilon)
    for step, gradients in enumerate(record.gradients, 1):
        statistics = next_statistics(statistics, gradients, axes, products.statistics)
        if step in [round(share * steps) for share in SHARES]:
            stored = [s.astype(np.float32).astype(np.float64) for s in statistics]
            roots, failed = inverse_roots(stored, epsilon, products.roots)
            found = directions(gradients, axes, roots, products.application)
            updates = [_grafted(d, g) for d, g in zip(found, gradients, strict=True)]
            yield Outcome(stored, roots, found, updates, failed)


def first_statistics(gradients: Arrays, axes: Axes, epsilon: float) -> Arrays:
    """The multiple epsilon of I for each stack and axis."""
    pairs = _each(gradients, axes)
    return [np.stack([epsilon * np.eye(s.shape[1 + axis])] * len(s)) for s, axis in pairs]


def next_statistics(old: Arrays, gradients: Arrays, axes: Axes, kind: str) -> Arrays:
    """The statistics after a step, one stack [n, s, s] for each stack of blocks and axis."""
    multiply = _product(kind)
    rows = [_rows(stack, axis) for stack, axis in _each(gradients, axes)]
    grams = [multiply(r, r.swapaxes(1, 2)) for r in rows]
    return [BETA2 * s + (1 - BETA2) * gram for s, gram in zip(old, grams, strict=True)]


def inverse_roots(statistics: Arrays, epsilon: float, kind: str) -> Roots:
    """(S + epsilon ||S|| I) ** (-1/4) for each S.

    A root fails if the matrix has no positive eigenvalue where it should have its smallest, or if
    the optimizer would discard it.
    """
    pairs = []
    for matrices in statistics:
        values, vectors = np.linalg.eigh(matrices)
        ridges = epsilon * values[:, -1]
        roots = _spectral_roots(np.maximum(values, 0) + ridges[:, None], vectors)
        bad = values[:, 0] + ridges <= 0
        if kind != EXACT:
            found, residual = _newton(kind)(matrices.astype(np.float32), np.float32(ridges))
            roots = np.asarray(found, np.float64)
            bad = ~(np.asarray(residual) < ShampooConfig().inverse_failure_threshold)
        roots = np.where(bad[:, None, None], np.nan, roots)
        pairs.append((roots, bad.sum()))
    return Roots([roots for roots, _ in pairs], int(sum(failed for _, failed in pairs)))


def directions(gradients: Arrays, axes: Axes, roots: Arrays, kind: str) -> Arrays:
    """Each block multiplied along its axes."""
    multiply, waiting, results = _product(kind), iter(roots), []
    for stack, own in zip(gradients, axes, strict=True):
        result = stack.astype(np.float64)
        for axis in own:
            rows = multiply(next(waiting), _rows(result, axis))
            swapped = result.swapaxes(1, axis + 1).shape
            result = rows.reshape(swapped).swapaxes(1, axis + 1)
        results.append(result)
    return results


def norms(stack: np.ndarray) -> np.ndarray:
    """Of each of a stack."""
    norms: np.ndarray = np.linalg.norm(stack.reshape([len(stack), -1]).astype(np.float64), axis=1)
    return norms


def _grafted(stack: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    own, target = norms(stack), norms(gradients)
    factors = target / np.where(own > 0, own, 1)
    return stack * factors.reshape([-1] + [1] * (stack.ndim - 1))


def _each(gradients: Arrays, axes: Axes) -> list[tuple[np.ndarray, int]]:
    return [(s, axis) for s, own in zip(gradients, axes, strict=True) for axis in own]


def _rows(stack: np.ndarray, axis: int) -> np.ndarray:
    """[n, ..., s, ...] -> [n, s, the rest]."""
    first = stack.astype(np.float64).swapaxes(1, axis + 1)
    return first.reshape([*first.shape[:2], -1])


def _spectral_roots(values: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """V diag(values ** (-1/4)) V^T."""
    roots: np.ndarray = (vectors * values[:, None] ** (-1 / ORDER)) @ vectors.swapaxes(1, 2)
    return roots


@functools.cache
def _product(kind: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    if kind == EXACT:
        return np.matmul
    multiply = jax.jit(multiplication(kind))

    def product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
        return np.asarray(multiply(np.float32(left), np.float32(right)), np.float64)

    return product


@functools.cache
def _newton(kind: str) -> Callable[..., tuple[jax.Array, jax.Array]]:
    """(matrices, ridges) -> roots and residuals, with products of that kind."""

    def roots(matrices: jax.Array, ridges: jax.Array) -> tuple[jax.Array, jax.Array]:
        sizes = jnp.full(len(matrices), matrices.shape[-1])
        with _newton_multiplies_by(multiplication(kind)):  # while this is traced
            ridge = Ridge(ridges, relative=False)
            fallback = Fallback(matrices, np.inf)  # no root is replaced here
            found = newton_roots.newton_roots(matrices, sizes, ORDER, ridge, fallback)
        return found.roots, found.residual

    return jax.jit(roots)


@contextmanager
def _newton_multiplies_by(multiply: Multiply) -> Iterator[None]:
    module: Any = newton_roots
    own = module._multiply
    module._multiply = multiply
    try:
        yield
    finally:
        module._multiply = own
