"""The quadratic: its optimum, its curvature, and optimizers whose rates are known."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.study import Measurement
from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.quadratic import make_problem
from shampoo_tune.workloads.seeds import stream_key
from shampoo_tune.workloads.trainer import Trainer
from shampoo_tune.workloads.training import train
from shampoo_tune.workloads.workload import Workload

KEY = jax.random.key(0)


def gradient_of(workload: Workload, params: Any, batch: Any) -> np.ndarray:
    gradient, _ = jax.jit(jax.grad(workload.loss, has_aux=True))(params, {}, batch, KEY)
    return np.asarray(gradient["matrix"])


@given(st.integers(2, 9), st.integers(2, 9), st.floats(1, 1e6))
def test_the_condition_number_is_the_hessians(rows: int, columns: int, condition: float) -> None:
    problem = make_problem(rows, columns, condition)
    eigenvalues = np.linalg.eigvalsh(np.kron(problem.left, problem.right))
    assert eigenvalues[-1] == pytest.approx(1)
    assert eigenvalues[-1] / eigenvalues[0] == pytest.approx(condition, rel=1e-6)
    assert problem.optimum.shape == (rows, columns)


def test_the_loss_is_the_formulas_and_0_at_the_optimum() -> None:
    workload, problem = make_workload("quadratic", 4), make_problem(16, 8, 100)
    params, _ = workload.init(KEY)
    away = np.asarray(params["matrix"], float) - problem.optimum
    hessian = np.kron(problem.left, problem.right)
    expected = away.ravel() @ hessian @ away.ravel() / 2
    for split in ("valid", "test"):
        assert workload.evaluate(params, {}, split)["loss"] == pytest.approx(expected, rel=1e-5)
    optimum = {"matrix": jnp.float32(problem.optimum)}
    assert workload.evaluate(optimum, {}, "valid") == {"loss": 0}


def test_one_newton_step_reaches_the_optimum() -> None:
    workload, problem = make_workload("quadratic", 4, condition=1e3), make_problem(16, 8, 1e3)
    params, state = workload.init(KEY)
    batch = next(workload.batches(0, 0))
    gradient = gradient_of(workload, params, batch)
    step = np.linalg.solve(problem.left, np.linalg.solve(problem.right, gradient.T).T)
    reached = {"matrix": params["matrix"] - jnp.float32(step)}
    before, after = (workload.evaluate(p, state, "valid")["loss"] for p in (params, reached))
    assert after < 1e-8 * before


@pytest.mark.parametrize(("condition", "seed"), [(3, 0), (150, 7)])
def test_gradient_descent_converges_at_the_analytic_rate(condition: float, seed: int) -> None:
    """Each eigenvector's error shrinks by 1 - rate * eigenvalue a step; at the best rate,
    2 / (1 + 1 / condition), the slowest by (condition - 1) / (condition + 1).
    """
    rate = 2 / (1 + 1 / condition)
    workload = make_workload("quadratic", 1, rows=5, columns=4, condition=condition)
    measured: list[Measurement] = []
    train(
        Trainer(workload, optax.sgd), np.float32(rate), seed=seed, steps=30, eval_every=10,
        on_measurement=measured.append,
    )  # fmt: skip
    problem = make_problem(5, 4, condition)
    values, vectors = np.linalg.eigh(np.kron(problem.left, problem.right))
    start = workload.init(stream_key(seed, "init"))[0]["matrix"]
    error = vectors.T @ (np.asarray(start, float) - problem.optimum).ravel()
    slowest = (condition - 1) / (condition + 1)
    for measurement in measured:
        shrunk = (1 - rate * values) ** measurement.step
        assert np.abs(shrunk).max() == pytest.approx(slowest**measurement.step, rel=1e-6)
        expected = (values * (shrunk * error) ** 2).sum() / 2
        assert measurement.metrics["valid_loss"] == pytest.approx(expected, rel=1e-3, abs=1e-9)


def test_noise_shifts_the_gradient_by_the_batch_and_not_the_mean() -> None:
    quiet, noisy = (make_workload("quadratic", 400, noise=noise) for noise in (0, 3))
    params, state = quiet.init(KEY)
    without, with_noise = (gradient_of(w, params, next(w.batches(5, 0))) for w in (quiet, noisy))
    shift = with_noise - without
    assert shift.std() == pytest.approx(3 / 400**0.5, rel=0.2)
    assert abs(shift.mean()) < 3 * 3 / (400 * 128) ** 0.5
    assert quiet.evaluate(params, state, "valid") == noisy.evaluate(params, state, "valid")


def test_any_step_can_be_reached_directly() -> None:
    batches = make_workload("quadratic", 3, noise=1).batches
    for start, batch in enumerate(itertools.islice(batches(7, 0), 4)):
        assert (next(batches(7, start))["noise"] == batch["noise"]).all()
        assert (next(batches(8, start))["noise"] != batch["noise"]).any()


def test_every_argument_is_in_the_fingerprint() -> None:
    names = ("rows", "columns", "condition", "noise")
    changes: list[dict[str, Any]] = [{}, *({name: 3} for name in names)]
    prints = {make_workload("quadratic", 4, **change).fingerprint for change in changes}
    prints.add(make_workload("quadratic", 5).fingerprint)
    assert len(prints) == 6
