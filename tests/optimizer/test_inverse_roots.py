"""Inverse roots against float64, from good to bad condition, and matrices without one."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.optimizer.inverse_roots import inverse_root
from shampoo_tune.optimizer.power_iteration import largest_eigenvalue

root_of = jax.jit(inverse_root, static_argnames="relative")


def spectrum(size: int, condition: float) -> np.ndarray:
    return np.logspace(0, -np.log10(condition), size)


def matrices(values: np.ndarray, count: int = 4, seed: int = 0) -> np.ndarray:
    """Float32 [count, b, b] with these eigenvalues and random eigenvectors."""
    noise = np.random.default_rng(seed).standard_normal((count, len(values), len(values)))
    vectors = np.linalg.qr(noise)[0]
    product = (vectors * values) @ vectors.swapaxes(1, 2)
    return np.asarray((product + product.swapaxes(1, 2)) / 2, np.float32)


def exact_root(stack: np.ndarray, order: float, epsilon: float) -> np.ndarray:
    """In float64; only the estimate of the largest eigenvalue is the package's."""
    values, vectors = np.linalg.eigh(stack.astype(np.float64))
    values = np.maximum(values, 0)
    largest = largest_eigenvalue(jnp.float32(values), jnp.float32(vectors), jnp.ones(len(stack)))
    values = values + epsilon * np.asarray(largest, np.float64)[:, None]
    root: np.ndarray = (vectors * values[:, None] ** (-1 / order)) @ vectors.swapaxes(1, 2)
    return root


def worst_deviation(root: jax.Array, expected: np.ndarray) -> float:
    difference = np.linalg.norm(np.asarray(root, np.float64) - expected, axis=(1, 2))
    return float(np.max(difference / np.linalg.norm(expected, axis=(1, 2))))


# Twice what float32 reaches at p = 2, the least accurate of the orders.
TOLERANCES = {1e2: 3e-6, 1e4: 1e-4, 1e6: 2e-2, 1e8: 3e-2}


@pytest.mark.parametrize("order", [2, 4, 8])
@pytest.mark.parametrize("condition", TOLERANCES)
def test_the_root_is_close_to_float64(condition: float, order: int) -> None:
    stack = matrices(spectrum(64, condition))
    root, error = root_of(stack, np.float32(order), np.float32(1e-6))
    assert worst_deviation(root, exact_root(stack, order, 1e-6)) < TOLERANCES[condition]
    assert np.all(error < 0.1)


@pytest.mark.parametrize("condition", [1e4, 1e6])
def test_the_correction_beats_a_plain_eigendecomposition_three_times(condition: float) -> None:
    stack = matrices(spectrum(64, condition))
    values, vectors = jnp.linalg.eigh(stack)
    damped = jnp.maximum(values, 0) + 1e-6 * jnp.max(values, 1, keepdims=True)
    plain = (vectors * (damped**-0.25)[:, None]) @ vectors.mT
    expected = exact_root(stack, 4, 1e-6)
    corrected = root_of(stack, np.float32(4), np.float32(1e-6))[0]
    assert worst_deviation(corrected, expected) < worst_deviation(plain, expected) / 3


def test_each_matrix_may_have_its_own_order() -> None:
    stack = matrices(spectrum(8, 100))
    orders = np.array([1, 2, 3.5, 8], np.float32)
    root = root_of(stack, orders, np.float32(1e-3))[0]
    for i, order in enumerate(orders):
        expected = exact_root(stack[i : i + 1], float(order), 1e-3)
        assert worst_deviation(root[i : i + 1], expected) < 1e-5


def test_equal_eigenvalues_use_the_derivative() -> None:
    root, _ = root_of(matrices(np.repeat([1.0, 0.25], 8)), np.float32(2), np.float32(1e-6))
    expected = exact_root(matrices(np.repeat([1.0, 0.25], 8)), 2, 1e-6)
    assert worst_deviation(root, expected) < 1e-6


def test_an_absolute_ridge_does_not_grow_with_the_matrix() -> None:
    stack = np.array([[[3.0, 0.0], [0.0, 8.0]]], np.float32)
    root, _ = root_of(stack, np.float32(2), np.float32(1.0), relative=False)
    np.testing.assert_allclose(root[0], [[1 / 2, 0], [0, 1 / 3]], rtol=1e-6)
    root, _ = root_of(stack, np.float32(2), np.float32(1.0), relative=True)
    np.testing.assert_allclose(root[0, 0, 0], 1 / np.sqrt(11), rtol=1e-5)


@pytest.mark.parametrize("scale", [1e20, 1e-20, 1e30])
def test_scale_changes_only_the_scale(scale: float) -> None:
    stack = matrices(spectrum(32, 100))
    expected = exact_root(stack, 4, 1e-6) * scale**-0.25
    scaled = stack * np.float32(scale)
    root, error = root_of(scaled, np.float32(4), np.float32(1e-6))
    # The largest eigenvalue of tiny matrices is underestimated, hence 1e-4 and not 1e-6.
    assert worst_deviation(root, expected) < 1e-4
    assert np.all(error < 1e-3)


def test_a_matrix_of_rank_one_has_the_damped_root() -> None:
    vector = np.random.default_rng(0).standard_normal(32)
    vector /= np.linalg.norm(vector)
    stack = np.outer(vector, vector).astype(np.float32)[None]
    root, error = root_of(stack, np.float32(4), np.float32(1e-6))
    assert error[0] < 0.1
    assert worst_deviation(root, exact_root(stack, 4, 1e-6)) < 1e-2
    assert np.linalg.norm(root[0], 2) == pytest.approx(31.6, rel=1e-2)


@pytest.mark.parametrize("scale", [1.0, 1e-8, 1e-12])
def test_singular_matrices_of_any_scale_have_an_acceptable_root(scale: float) -> None:
    values = np.concatenate([np.logspace(0, -1, 20), np.zeros(44)])
    stack = matrices(values) * np.float32(scale)
    root, error = root_of(stack, np.float32(4), np.float32(1e-6))
    assert np.all(np.isfinite(root))
    assert np.all(error < 0.1)


def test_the_zero_matrix_is_damped_by_the_floor() -> None:
    root, error = root_of(np.zeros((1, 8, 8), np.float32), np.float32(4), np.float32(1e-6))
    np.testing.assert_allclose(root[0], np.eye(8) * (1e-31) ** -0.25, rtol=1e-4)
    assert error[0] == 0


@pytest.mark.parametrize("size", [8, 32])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_matrix_that_is_not_finite_has_no_root(bad: float, size: int) -> None:
    stack = matrices(spectrum(size, 10))
    clean = root_of(stack, np.float32(4), np.float32(1e-6))[0]
    stack[1, 3, 5] = stack[1, 5, 3] = bad
    root, error = root_of(stack, np.float32(4), np.float32(1e-6))
    assert np.isposinf(error[1])
    others = np.array([0, 2, 3])
    assert np.all(error[others] < 0.1)
    np.testing.assert_allclose(root[others], clean[others], rtol=1e-5, atol=1e-6)


def test_a_singular_matrix_without_ridge_has_no_root() -> None:
    stack = np.zeros((1, 4, 4), np.float32)
    stack[0, 0, 0] = 1
    assert np.isposinf(root_of(stack, np.float32(2), np.float32(0))[1][0])


def test_the_error_estimate_bounds_the_order_of_the_true_error() -> None:
    """Well-conditioned matrices are known to be accurate, ill-conditioned ones not."""
    errors = [
        float(np.max(root_of(matrices(spectrum(64, c)), np.float32(4), np.float32(1e-6))[1]))
        for c in (1e2, 1e4, 1e6)
    ]
    assert errors[0] < 1e-8 < errors[1] < errors[2] < 0.11
