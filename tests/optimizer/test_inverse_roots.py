"""Inverse roots against float64, from good to bad condition, and matrices without one."""

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.optimizer import eigen_roots
from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.inverse_roots import inverse_roots, root_method
from shampoo_tune.optimizer.root_result import InverseRoots, Ridge

METHODS = ("eigh", "newton")
both = pytest.mark.parametrize("method", METHODS)


@cache
def compiled(order: float, method: str, relative: bool) -> Any:
    def roots(stack: jax.Array, epsilon: jax.Array, sizes: Any = None) -> InverseRoots:
        count, size, _ = stack.shape
        own = np.full(count, size, np.int32) if sizes is None else sizes
        orders = np.full(count, order, np.float32)
        return inverse_roots(stack, own, orders, Ridge(epsilon, relative), method=method)

    return jax.jit(roots)


def roots_of(
    stack: np.ndarray, order: float, epsilon: float, method: str = "eigh", relative: bool = True
) -> InverseRoots:
    found: InverseRoots = compiled(order, method, relative)(stack, np.float32(epsilon))
    return found


def spectrum(size: int, condition: float) -> np.ndarray:
    return np.logspace(0, -np.log10(condition), size)


def matrices(values: np.ndarray, count: int = 4, seed: int = 0) -> np.ndarray:
    """Float32 [count, b, b] with these eigenvalues and random eigenvectors."""
    noise = np.random.default_rng(seed).standard_normal((count, len(values), len(values)))
    vectors = np.linalg.qr(noise)[0]
    product = (vectors * values) @ vectors.swapaxes(1, 2)
    return np.asarray((product + product.swapaxes(1, 2)) / 2, np.float32)


def exact_root(stack: np.ndarray, order: float, ridge: Any) -> np.ndarray:
    """In float64, of the matrices with the ridge [N] added."""
    values, vectors = np.linalg.eigh(stack.astype(np.float64))
    damped = np.maximum(values, 0) + np.asarray(ridge, np.float64)[:, None]
    root: np.ndarray = (vectors * damped[:, None] ** (-1 / order)) @ vectors.swapaxes(1, 2)
    return root


def worst_deviation(found: InverseRoots, stack: np.ndarray, order: float, epsilon: float) -> float:
    """Relative Frobenius error; the ridge is that of the estimated largest eigenvalue."""
    ridge = epsilon * np.asarray(found.largest_eigenvalue, np.float64)
    expected = exact_root(stack, order, ridge)
    difference = np.linalg.norm(np.asarray(found.roots, np.float64) - expected, axis=(1, 2))
    return float(np.max(difference / np.linalg.norm(expected, axis=(1, 2))))


# For p = 4, of 128 x 128: about twice what was measured over 64 matrices.
TOLERANCES = {1e2: 3e-6, 1e4: 4e-5, 1e6: 3e-3, 1e8: 1e-2}


@both
@pytest.mark.parametrize("condition", TOLERANCES)
def test_the_root_is_close_to_float64(condition: float, method: str) -> None:
    stack = matrices(spectrum(128, condition), count=8)
    found = roots_of(stack, 4, 1e-6, method)
    assert worst_deviation(found, stack, 4, 1e-6) < TOLERANCES[condition]
    assert np.all(found.residual < 0.1)


@both
@pytest.mark.parametrize("order", [1, 2, 3, 6, 8])
def test_roots_of_other_orders(order: int, method: str) -> None:
    stack = matrices(spectrum(64, 1e4))
    assert worst_deviation(roots_of(stack, order, 1e-6, method), stack, order, 1e-6) < 3e-4


@pytest.mark.parametrize("condition", [1e4, 1e6])
def test_the_correction_beats_a_plain_eigendecomposition_three_times(condition: float) -> None:
    stack = matrices(spectrum(64, condition))
    values, vectors = jnp.linalg.eigh(stack)
    damped = jnp.maximum(values, 0) + 1e-6 * jnp.max(values, 1, keepdims=True)
    plain = (vectors * (damped**-0.25)[:, None]) @ vectors.mT
    found = roots_of(stack, 4, 1e-6)
    uncorrected = worst_deviation(found._replace(roots=plain), stack, 4, 1e-6)
    assert worst_deviation(found, stack, 4, 1e-6) < uncorrected / 3


def test_the_correction_reaches_the_iterations_accuracy() -> None:
    """Its first order alone is four times worse."""
    stack = matrices(spectrum(128, 1e6), count=16, seed=1)
    errors = [worst_deviation(roots_of(stack, 4, 1e-6, m), stack, 4, 1e-6) for m in METHODS]
    assert errors[0] < 1.5 * errors[1]


def test_the_second_order_is_left_out_only_where_nobody_would_see_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stack = matrices(spectrum(128, 1e6), count=16, seed=1)
    for epsilon in (1e-4, 3e-5):  # just left out, just not
        own = np.full(16, 4, np.float32)
        deviations = []
        for small in (0, 0.01):
            monkeypatch.setattr(eigen_roots, "_SMALL_REST", small)
            sizes = np.full(16, 128, np.int32)
            found = inverse_roots(jnp.asarray(stack), sizes, own, Ridge(epsilon))
            deviations.append(worst_deviation(found, stack, 4, epsilon))
        assert abs(deviations[1] - deviations[0]) < 0.1 * deviations[0]


@both
def test_each_matrix_may_have_its_own_order(method: str) -> None:
    stack = matrices(spectrum(8, 100))
    orders = np.array([6, 2, 3, 2] if method == "newton" else [1, 2, 3.5, 8], np.float32)
    sizes = np.full(4, 8, np.int32)
    found = inverse_roots(jnp.asarray(stack), sizes, orders, Ridge(1e-3), method=method)
    for i, order in enumerate(orders):
        own = InverseRoots(*(array[i : i + 1] for array in found))
        assert worst_deviation(own, stack[i : i + 1], float(order), 1e-3) < 1e-5


@both
def test_padding_changes_nothing_but_its_own_rows(method: str) -> None:
    stack = matrices(spectrum(20, 1e3))
    padded = np.pad(stack, [(0, 0), (0, 12), (0, 12)])
    sizes = np.full(4, 20, np.int32)
    function = compiled(4, method, True)
    alone, found = roots_of(stack, 4, 1e-4, method), function(padded, np.float32(1e-4), sizes)
    np.testing.assert_allclose(found.largest_eigenvalue, alone.largest_eigenvalue, rtol=1e-5)
    scale = np.max(np.abs(alone.roots))
    np.testing.assert_allclose(found.roots[:, :20, :20], alone.roots, atol=1e-5 * scale)
    np.testing.assert_allclose(found.roots[:, :20, 20:], 0, atol=1e-5 * scale)


def test_equal_eigenvalues_use_the_derivative() -> None:
    stack = matrices(np.repeat([1.0, 0.25], 8))
    assert worst_deviation(roots_of(stack, 2, 1e-6), stack, 2, 1e-6) < 1e-6


@both
def test_an_absolute_ridge_does_not_grow_with_the_matrix(method: str) -> None:
    stack = np.array([[[3.0, 0.0], [0.0, 8.0]]], np.float32)
    root = roots_of(stack, 2, 1.0, method, relative=False).roots
    np.testing.assert_allclose(root[0], [[1 / 2, 0], [0, 1 / 3]], rtol=1e-6, atol=1e-7)
    root = roots_of(stack, 2, 1.0, method, relative=True).roots
    np.testing.assert_allclose(root[0, 0, 0], 1 / np.sqrt(11), rtol=1e-5)


@both
@pytest.mark.parametrize("scale", [1e20, 1e-20, 1e30])
def test_scale_changes_only_the_scale(scale: float, method: str) -> None:
    stack = matrices(spectrum(32, 100)) * np.float32(scale)
    found = roots_of(stack, 4, 1e-6, method)
    assert worst_deviation(found, stack, 4, 1e-6) < 1e-5
    assert np.all(found.residual < 1e-3)


@both
def test_a_matrix_of_rank_one_has_the_damped_root(method: str) -> None:
    vector = np.random.default_rng(0).standard_normal(32)
    vector /= np.linalg.norm(vector)
    stack = np.outer(vector, vector).astype(np.float32)[None]
    found = roots_of(stack, 4, 1e-6, method)
    assert found.residual[0] < 0.1
    assert worst_deviation(found, stack, 4, 1e-6) < 1e-2
    assert np.linalg.norm(found.roots[0], 2) == pytest.approx(31.6, rel=1e-2)


@both
@pytest.mark.parametrize("scale", [1.0, 1e-8, 1e-12])
def test_singular_matrices_of_any_scale_have_an_acceptable_root(scale: float, method: str) -> None:
    values = np.concatenate([np.logspace(0, -1, 20), np.zeros(44)])
    stack = matrices(values) * np.float32(scale)
    found = roots_of(stack, 4, 1e-6, method)
    assert np.all(np.isfinite(found.roots))
    assert np.all(found.residual < 0.1)


@both
@pytest.mark.parametrize("epsilon", [1e-8, 1e-10])
def test_a_ridge_below_rounding_errors_is_raised(epsilon: float, method: str) -> None:
    stack = matrices(np.concatenate([np.logspace(0, -1, 20), np.zeros(44)]))
    found = roots_of(stack, 4, epsilon, method)
    assert np.all(found.residual < 0.1)
    assert np.all(found.condition < 1e8)
    values = np.linalg.eigvalsh(np.asarray(found.roots, np.float64))
    assert np.all(values > 0.9)


@both
def test_the_zero_matrix_has_no_direction_to_prefer(method: str) -> None:
    root = roots_of(np.zeros((1, 8, 8), np.float32), 4, 1e-6, method).roots[0]
    expected = np.eye(8) * (1e-31) ** -0.25
    np.testing.assert_allclose(root, expected, rtol=1e-4, atol=1e-4 * expected.max())


@both
@pytest.mark.parametrize("size", [8, 32])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_matrix_that_is_not_finite_has_no_root(bad: float, size: int, method: str) -> None:
    stack = matrices(spectrum(size, 10))
    clean = roots_of(stack, 4, 1e-6, method).roots
    stack[1, 3, 5] = stack[1, 5, 3] = bad
    found = roots_of(stack, 4, 1e-6, method)
    assert not found.residual[1] < 0.1
    others = np.array([0, 2, 3])
    assert np.all(found.residual[others] < 0.1)
    np.testing.assert_allclose(found.roots[others], clean[others], rtol=1e-5, atol=1e-5)


@both
def test_no_nan_is_lost_in_a_large_stack(method: str) -> None:
    """The maximum of a large array may lose NaNs on a CPU (jaxlib 0.10.1)."""
    stack = np.tile(matrices(spectrum(128, 10), count=1), (64, 1, 1))
    stack[:, 40, 50] = np.nan
    assert not np.any(roots_of(stack, 4, 1e-6, method).residual < 0.1)


def test_a_singular_matrix_without_ridge_has_no_root() -> None:
    stack = np.zeros((1, 4, 4), np.float32)
    stack[0, 0, 0] = 1
    assert not roots_of(stack, 2, 0).residual[0] < np.inf


def test_the_residual_is_of_the_order_of_the_true_error() -> None:
    """Well-conditioned matrices are known to be accurate, ill-conditioned ones not."""
    errors = [
        float(np.max(roots_of(matrices(spectrum(64, c)), 4, 1e-6).residual))
        for c in (1e2, 1e4, 1e6)
    ]
    assert errors[0] < 1e-12 < errors[1] < errors[2] < 0.1


def test_the_default_method_is_that_of_the_device() -> None:
    assert root_method(ShampooConfig()) == ("newton" if jax.default_backend() == "tpu" else "eigh")
    assert root_method(ShampooConfig(root_method="newton")) == "newton"
