"""A quadratic function of a matrix whose optimum and curvature are known, to test optimizers with.

    loss(W) = <D, L D R> / 2   with D = W - optimum

L and R are symmetric; the eigenvalues of each are spaced evenly in log from 1 / sqrt(condition) to
1, and those of the Hessian, the Kronecker product of L and R, are their products. Newton's step is
W - L^-1 G R^-1 for the gradient G, which is L D R. An example of a batch adds <noise, D> to the
loss, with independent normal numbers of a given deviation: it shifts the gradient, not the mean.

Validation and test loss are the function itself, so both are 0 at the optimum.
"""

import hashlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.workloads import WORKLOADS
from shampoo_tune.workloads.seeds import stream_key
from shampoo_tune.workloads.workload import Batch, PyTree, Workload

_PROBLEM_SEED = 1729  # fixes optimum and eigenvectors; part of the fingerprint


@dataclass(frozen=True)
class Problem:
    """The curvatures [rows, rows] and [columns, columns], and the optimum [rows, columns]."""

    left: np.ndarray
    right: np.ndarray
    optimum: np.ndarray


def make_problem(rows: int, columns: int, condition: float) -> Problem:
    """The problem of this shape, always the same up to rounding; of one row and column 1."""
    random = np.random.RandomState(_PROBLEM_SEED)  # the same numbers in every version of numpy
    left, right = (_curvature(random, size, condition**0.5) for size in (rows, columns))
    return Problem(left, right, random.standard_normal((rows, columns)))


def _curvature(random: np.random.RandomState, size: int, condition: float) -> np.ndarray:
    vectors, _ = np.linalg.qr(random.standard_normal((size, size)))
    matrix: np.ndarray = vectors * np.geomspace(1.0, 1.0 / condition, size) @ vectors.T
    return matrix


def quadratic(
    batch_size: int, *, rows: int, columns: int, condition: float, noise: float
) -> Workload:
    """A quadratic function of a [rows, columns] matrix that starts at normal numbers.

    Args:
        batch_size: examples whose noise is averaged.
        rows: of the matrix.
        columns: of the matrix.
        condition: greatest by least eigenvalue of the Hessian, if rows and columns are over 1.
        noise: standard deviation of each number of an example's gradient.
    """
    entry, problem = WORKLOADS["quadratic"], make_problem(rows, columns, condition)
    left, right, optimum = map(jnp.float32, (problem.left, problem.right, problem.optimum))

    def init(key: jax.Array) -> tuple[PyTree, PyTree]:
        return {"matrix": jax.random.normal(key, (rows, columns))}, {}

    def value(params: PyTree, shift: jax.typing.ArrayLike) -> jax.Array:
        away = params["matrix"] - optimum
        return jnp.vdot(away, left @ away @ right) / 2 + jnp.vdot(shift, away)

    def loss(
        params: PyTree, model_state: PyTree, batch: Batch, key: jax.Array
    ) -> tuple[jax.Array, tuple[PyTree, dict[str, jax.Array]]]:
        del key
        return value(params, batch["noise"].mean(axis=0)), (model_state, {})

    @jax.jit
    def draw(key: jax.Array, step: jax.typing.ArrayLike) -> Batch:
        shape = (batch_size, rows, columns)
        return {"noise": noise * jax.random.normal(jax.random.fold_in(key, step), shape)}

    def batches(seed: int, start_step: int) -> Iterator[Batch]:
        key = stream_key(seed, "data_order")
        return (draw(key, step) for step in itertools.count(start_step))

    true_value = jax.jit(lambda params: value(params, jnp.zeros_like(optimum)))

    def evaluate(params: PyTree, model_state: PyTree, split: str) -> dict[str, float]:
        del model_state, split
        return {"loss": float(true_value(params))}

    facts = ["quadratic, version 1", batch_size, rows, columns, float(condition), float(noise)]
    return Workload(
        name="quadratic",
        metric=entry.metric,
        goal=entry.goal,
        target=entry.target,
        batch_size=batch_size,
        fingerprint=hashlib.sha256(json.dumps(facts).encode()).hexdigest(),
        init=jax.jit(init),
        loss=loss,
        evaluate=evaluate,
        batches=batches,
    )
