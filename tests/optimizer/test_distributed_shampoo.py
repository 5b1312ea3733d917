"""Shampoo recomputed in float64, each of its options, and what may go wrong."""

import dataclasses
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer import shampoo
from shampoo_tune.optimizer.config import ShampooConfig

# Small enough to run uncompiled; start 1, so that both branches are seen.
BASE: dict[str, Any] = {
    "start_preconditioning_step": 1,
    "block_size": 4,
    "merge_small_dims_block_size": 4,
    "beta2": 0.9,
    "matrix_epsilon": 1e-2,
    "weight_decay": 0.1,
}

# For each field another value, and the further options without which it has no effect.
CHANGES: dict[str, tuple[Any, dict[str, Any]]] = {
    "beta1": (0.5, {}),
    "beta2": (0.5, {}),
    "matrix_epsilon": (0.5, {}),
    "diagonal_epsilon": (0.5, {"graft_type": "adagrad"}),
    "exponent_override": (1.5, {}),
    "weight_decay": (0.3, {}),
    "start_preconditioning_step": (3, {}),
    "preconditioning_compute_steps": (2, {}),
    "statistics_compute_steps": (2, {}),
    "inverse_failure_threshold": (1e-30, {}),
    "block_size": (2, {}),
    "merge_small_dims_block_size": (64, {}),
    "best_effort_shape_interpretation": (False, {"merge_small_dims_block_size": 64}),
    "no_preconditioning_for_layers_with_dim_gt": (3, {}),
    "skip_preconditioning_rank_lt": (3, {}),
    "preconditioner_type": ("input", {}),
    "graft_type": ("sqrt_n", {}),
    "nesterov": (False, {}),
    "moving_average_for_momentum": (True, {}),
    "relative_matrix_epsilon": (False, {}),
    "decoupled_learning_rate": (False, {}),
    "decoupled_weight_decay": (True, {}),
}
SHAPE = (4, 4)
PARAMS = {"matrix": np.full(SHAPE, 0.5, np.float32)}
CALLS = 3


def gradient(call: int) -> np.ndarray:
    return np.random.default_rng(call).standard_normal(SHAPE, np.float32)


def jitted(optimizer: optax.GradientTransformation) -> Any:
    """One compilation instead of one for each operation."""
    return jax.jit(lambda gradients, state: optimizer.update(gradients, state, PARAMS))


@cache
def updates_of(**options: Any) -> list[np.ndarray]:
    optimizer = shampoo(0.1, **options)
    step, state, updates = jitted(optimizer), jax.jit(optimizer.init)(PARAMS), []
    for call in range(CALLS):
        update, state = step({"matrix": gradient(call)}, state)
        updates.append(np.asarray(update["matrix"]))
    return updates


def test_the_table_of_changes_names_every_option() -> None:
    names = [f.name for f in dataclasses.fields(ShampooConfig)]
    names.remove("root_method")  # which changes rounding errors only
    assert list(CHANGES) == names


@pytest.mark.parametrize("name", CHANGES)
def test_changing_an_option_changes_the_updates(name: str) -> None:
    value, needed = CHANGES[name]
    usual, changed = updates_of(**BASE | needed), updates_of(**BASE | needed | {name: value})
    assert not np.allclose(usual, changed, rtol=1e-3)


def inverse_root(matrix: np.ndarray, order: float, epsilon: float) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * (values + epsilon) ** (-1 / order)) @ vectors.T)


def test_four_blocks_are_preconditioned_as_recomputed_in_float64() -> None:
    """[4, 4] in four blocks [2, 2], p = 4, no momentum, absolute ridge, one graft norm."""
    g, epsilon = gradient(0).astype(np.float64), 0.25
    direction = np.zeros(SHAPE)
    for corner in ((0, 0), (0, 2), (2, 0), (2, 2)):
        window = tuple(slice(start, start + 2) for start in corner)
        block, initial = g[window], 0.9 * epsilon * np.eye(2)
        left = inverse_root(initial + 0.1 * block @ block.T, 4, epsilon)
        right = inverse_root(initial + 0.1 * block.T @ block, 4, epsilon)
        direction[window] = left @ block @ right
    expected = -0.1 * direction * np.linalg.norm(g) / np.linalg.norm(direction)
    updates = updates_of(
        beta1=0.0,
        beta2=0.9,
        matrix_epsilon=epsilon,
        relative_matrix_epsilon=False,
        start_preconditioning_step=0,
        block_size=2,
    )
    np.testing.assert_allclose(updates[0], expected, rtol=1e-4, atol=1e-6)


def test_a_rejected_root_keeps_the_previous_preconditioner() -> None:
    """At first that is the identity: with a threshold no root meets, Shampoo is its graft."""
    rejected = updates_of(**BASE | {"inverse_failure_threshold": 1e-30})
    np.testing.assert_allclose(
        rejected, updates_of(**BASE | {"skip_preconditioning_rank_lt": 3}), rtol=1e-5
    )


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e20])
def test_an_entry_that_is_not_finite_counts_as_zero(bad: float) -> None:
    optimizer = shampoo(0.1, **BASE | {"graft_type": "rmsprop"})
    step, state = jitted(optimizer), optimizer.init(PARAMS)
    _, before = step({"matrix": gradient(0)}, state)
    poisoned, zeroed = gradient(1), gradient(1)
    poisoned[0, 0], zeroed[0, 0] = bad, 0
    found, expected = step({"matrix": poisoned}, before), step({"matrix": zeroed}, before)
    jax.tree.map(np.testing.assert_array_equal, found, expected)
    assert all(np.all(np.isfinite(leaf)) for leaf in jax.tree.leaves(found))


def test_failed_roots_are_counted_and_diagnosed() -> None:
    options = BASE | {"inverse_failure_threshold": 1e-30}
    optimizer = shampoo(0.1, diagnostics=True, **options)
    step, state = jitted(optimizer), optimizer.init(PARAMS)
    assert not np.any(state.diagnostics.failed)
    for call in range(2):
        _, state = step({"matrix": gradient(call)}, state)
    assert np.all(state.diagnostics.failed)
    assert state.failures == 2 * len(state.diagnostics.failed) == 2 * 2


def test_diagnostics_are_those_of_the_latest_roots_and_change_nothing() -> None:
    plain, watched = shampoo(0.1, **BASE), shampoo(0.1, diagnostics=True, **BASE)
    plain_update, plain_state = jitted(plain)({"matrix": gradient(0)}, plain.init(PARAMS))
    update, state = jitted(watched)({"matrix": gradient(0)}, watched.init(PARAMS))
    np.testing.assert_array_equal(plain_update["matrix"], update["matrix"])
    assert plain_state.diagnostics is None
    values = np.linalg.eigvalsh(np.asarray(state.statistics[0], np.float64))
    largest = np.asarray(state.diagnostics.largest_eigenvalue)
    np.testing.assert_allclose(largest, values[:, -1], rtol=1e-3)
    np.testing.assert_allclose(state.diagnostics.condition, (1 + 1e-2) / 1e-2, rtol=1e-3)
    assert np.all(state.diagnostics.residual < 1e-6)
    assert not np.any(state.diagnostics.failed)


@pytest.mark.parametrize("override", [0, 3])
def test_both_root_methods_give_the_same_updates(override: float) -> None:
    options = BASE | {"exponent_override": override}
    by_eigh, by_newton = (updates_of(**options, root_method=m) for m in ("eigh", "newton"))
    np.testing.assert_allclose(by_eigh, by_newton, rtol=1e-4, atol=1e-6)


def test_iterated_roots_need_an_order_that_is_known_and_whole() -> None:
    with pytest.raises(InvalidInputError, match="exponent_override must be a plain whole number"):
        updates_of(**BASE, root_method="newton", exponent_override=1.5)
    optimizer = shampoo(0.1, root_method="newton", exponent_override=jnp.float32(4))
    with pytest.raises(InvalidInputError, match="exponent_override must be a plain whole number"):
        optimizer.update(PARAMS, optimizer.init(PARAMS), PARAMS)


def test_periods_count_from_the_first_call() -> None:
    optimizer = shampoo(0.1, **BASE | {"statistics_compute_steps": 2})
    step, state, seen = jitted(optimizer), optimizer.init(PARAMS), []
    for call in range(4):
        _, state = step({"matrix": gradient(call)}, state)
        seen.append(np.asarray(state.statistics[0]))
    assert np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[1], seen[2])
    assert np.array_equal(seen[2], seen[3])


def test_matrices_are_stacked_by_similar_size() -> None:
    params = {"a": jnp.zeros((40, 3)), "b": jnp.zeros((30, 4)), "c": jnp.zeros(3)}
    state = shampoo(0.1, block_size=40).init(params)
    assert [s.shape for s in state.statistics] == [(3, 16, 16), (1, 32, 32), (1, 40, 40)]
    assert [float(jnp.trace(s[-1])) for s in state.statistics] == pytest.approx(
        [1e-6 * size for size in (3, 30, 40)], rel=1e-5
    )


@pytest.mark.parametrize("shape", [(), (0, 3), (1,), (1, 1)])
def test_degenerate_tensors_have_finite_updates(shape: tuple[int, ...]) -> None:
    params = jnp.ones(shape)
    optimizer = shampoo(0.1, **BASE)
    state = optimizer.init(params)
    for _ in range(2):
        updates, state = jax.jit(optimizer.update)(jnp.ones(shape), state, params)
        assert updates.shape == shape
        assert np.all(np.isfinite(updates))
        assert np.all(np.asarray(updates) < 0)


def test_an_empty_tree_has_empty_updates() -> None:
    optimizer = shampoo(0.1)
    assert optimizer.update({}, optimizer.init({}), {})[0] == {}


def test_updates_have_the_parameters_dtype_and_the_state_is_float32() -> None:
    params = {"matrix": jnp.ones(SHAPE, jnp.bfloat16)}
    optimizer = shampoo(0.1, **BASE)
    updates, state = jax.jit(optimizer.update)(params, optimizer.init(params), params)
    assert updates["matrix"].dtype == jnp.bfloat16
    assert {leaf.dtype for leaf in jax.tree.leaves(state)} == {np.dtype("int32"), np.dtype("f4")}


def test_a_zero_gradient_moves_nothing() -> None:
    optimizer = shampoo(0.1, **BASE | {"weight_decay": 0.0})
    step, state = jitted(optimizer), optimizer.init(PARAMS)
    for _ in range(2):
        updates, state = step({"matrix": jnp.zeros(SHAPE)}, state)
        assert not np.any(updates["matrix"])


def test_the_mask_restricts_weight_decay() -> None:
    params = {"a": jnp.ones((2, 2)), "b": jnp.ones((2, 2))}
    zeros = jax.tree.map(jnp.zeros_like, params)
    optimizer = shampoo(0.1, weight_decay=0.5, weight_decay_mask={"a": True, "b": False})
    updates, _ = jax.jit(optimizer.update)(zeros, optimizer.init(params), params)
    np.testing.assert_allclose(updates["a"], -0.1 * 0.5 * 1.9, rtol=1e-6)
    assert not np.any(updates["b"])


def test_it_minimises_an_ill_conditioned_quadratic_faster_than_its_graft() -> None:
    rng = np.random.default_rng(0)
    left = np.linalg.qr(rng.standard_normal((8, 8)))[0] * np.logspace(0, -2, 8)
    target = jnp.asarray(rng.standard_normal((8, 4)), jnp.float32)
    matrix = jnp.asarray(left, jnp.float32)

    def loss(w: jax.Array) -> jax.Array:
        return jnp.sum((matrix.T @ (w - target)) ** 2)

    def final_loss(start: int) -> float:
        schedule = optax.linear_schedule(0.2, 0.0, 200)
        optimizer = shampoo(schedule, start_preconditioning_step=start, beta2=0.9)

        @jax.jit
        def step(w: jax.Array, state: Any) -> Any:
            updates, state = optimizer.update(jax.grad(loss)(w), state, w)
            return optax.apply_updates(w, updates), state

        w = jnp.zeros((8, 4))
        state = optimizer.init(w)
        for _ in range(200):
            w, state = step(w, state)
        return float(loss(w))

    assert final_loss(0) < 0.1 * final_loss(10**6)


def test_unknown_options_and_missing_parameters_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="unknown option 'precondtioner_type'"):
        shampoo(0.1, precondtioner_type="all")
    optimizer = shampoo(0.1)
    with pytest.raises(ValueError, match="needs the parameters"):
        optimizer.update(jnp.ones(2), optimizer.init(jnp.ones(2)))
