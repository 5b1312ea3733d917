"""Forty updates of ten configurations, against recorded trajectories of the published optimizer.

The trajectories (golden/NAME.npz) are those of google-research/precondition at commit 239a8cd, run
in float64; each json gives the options, the shapes and a tolerance: four times the deviation of the
same library in float32, and at least 2e-5.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jax
import numpy as np
import optax
import pytest

from shampoo_tune.optimizer import shampoo

GOLDEN = Path(__file__).parent / "golden"
NAMES = sorted(path.stem for path in GOLDEN.glob("*.json"))
Tree = dict[str, np.ndarray]

RENAMED = {"skip_preconditioning_dim_size_gt": "no_preconditioning_for_layers_with_dim_gt"}


def load(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((GOLDEN / f"{name}.json").read_text())
    return document


def initial_parameters(recorded: dict[str, Any]) -> Tree:
    rng = np.random.default_rng(recorded["seed"])
    shapes = recorded["shapes"]
    return {
        k: (0.1 * rng.standard_normal(tuple(shapes[k]))).astype(np.float32)
        for k in recorded["params"]
    }


def gradients(recorded: dict[str, Any]) -> Iterator[Tree]:
    rng = np.random.default_rng(recorded["seed"] + 1)
    draw = normal_gradient if recorded["grad"] == "normal" else decaying_gradient
    for _ in range(recorded["nsteps"]):
        yield {
            k: draw(np.asarray(rng.standard_normal(tuple(recorded["shapes"][k]))))
            for k in recorded["params"]
        }


def normal_gradient(noise: np.ndarray) -> np.ndarray:
    return (0.1 * noise).astype(np.float32)


def decaying_gradient(noise: np.ndarray) -> np.ndarray:
    """Scales from 1 to 1e-2 along every axis, and a mean."""
    scale = np.ones(noise.shape)
    for axis, length in enumerate(noise.shape):
        shape = [-1 if i == axis else 1 for i in range(noise.ndim)]
        scale = scale * (10.0 ** (-2 * np.arange(length) / length)).reshape(shape)
    return (scale * (noise + 0.3)).astype(np.float32)


def transformation(recorded: dict[str, Any]) -> optax.GradientTransformation:
    options = {RENAMED.get(name, name): value for name, value in recorded["opt"].items()}
    rate = options.pop("learning_rate")
    if isinstance(rate, dict):
        base, steps = rate["base"], rate["T"]
        return shampoo(lambda count: base * (1 - count.astype(np.float32) / steps) ** 2, **options)
    return shampoo(rate, **options)


def trajectory(recorded: dict[str, Any]) -> Iterator[tuple[int, Tree]]:
    """The number of the call, from 1, and its updates, at the recorded calls."""
    optimizer = transformation(recorded)
    params = initial_parameters(recorded)
    state = jax.jit(optimizer.init)(params)

    @jax.jit
    def step(grads: Tree, state: Any, params: Tree) -> tuple[Tree, Any, Tree]:
        updates, state = optimizer.update(grads, state, params)
        return updates, state, optax.apply_updates(params, updates)

    for call, grads in enumerate(gradients(recorded), start=1):
        updates, state, params = step(grads, state, params)
        if call in recorded["record_steps"]:
            yield call, updates


def sum_of_squares(tensor: np.ndarray) -> float:
    return float(np.sum(tensor.astype(np.float64) ** 2))


@pytest.mark.parametrize("name", NAMES)
def test_the_regenerated_inputs_have_the_recorded_checksums(name: str) -> None:
    recorded = load(name)
    calls = list(gradients(recorded))
    for k, (first, last) in recorded["grad_checksum"]["sum_step1,sumsq_step40"].items():
        assert np.sum(calls[0][k].astype(np.float64)) == pytest.approx(first, rel=1e-12)
        assert sum_of_squares(calls[-1][k]) == pytest.approx(last, rel=1e-12)
    for k, tensor in initial_parameters(recorded).items():
        assert sum_of_squares(tensor) == pytest.approx(recorded["param_checksum_sumsq"][k])


@pytest.mark.parametrize("name", NAMES)
def test_updates_follow_the_published_optimizer(name: str) -> None:
    recorded = load(name)
    with np.load(GOLDEN / f"{name}.npz") as archive:
        expected = dict(archive)
    compared = 0
    for call, updates in trajectory(recorded):
        for k, update in updates.items():
            reference = expected[f"update/{call:02d}/{k}"].astype(np.float64)
            deviation = np.linalg.norm((np.asarray(update, np.float64) - reference).ravel())
            allowed = recorded["suggested_rtol_f32"] * np.linalg.norm(reference.ravel())
            assert deviation <= allowed, f"{k}, call {call}: {deviation / allowed:.2f} x tolerance"
            compared += 1
    assert compared == len(expected) > 0


def test_all_ten_configurations_are_present() -> None:
    assert len(NAMES) == 10
