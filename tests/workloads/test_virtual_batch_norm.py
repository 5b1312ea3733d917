"""Virtual batch normalisation against its definition in numpy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.workloads.virtual_batch_norm import VirtualBatchNorm


def images(n: int, seed: int = 0) -> np.ndarray:
    return np.random.RandomState(seed).normal(1.5, 2.0, (n, 3, 2, 5)).astype(np.float32)


def expected(x: np.ndarray, group: int) -> np.ndarray:
    parts = [x[i : i + group].astype(np.float64) for i in range(0, len(x), group)]
    axes = (0, 1, 2)
    return np.concatenate([(p - p.mean(axes)) / np.sqrt(p.var(axes) + 1e-5) for p in parts])


@given(groups=st.integers(1, 4), group=st.integers(1, 6), seed=st.integers(0, 99))
def test_every_group_is_normalised_by_its_own_moments(groups: int, group: int, seed: int) -> None:
    x = images(groups * group, seed)
    norm = VirtualBatchNorm(5, group, training=True)
    np.testing.assert_allclose(norm(jnp.asarray(x)), expected(x, group), atol=2e-5)


def test_running_averages_take_in_the_means_over_groups() -> None:
    x, norm = images(12), VirtualBatchNorm(5, 4, training=True)
    norm(jnp.asarray(x))
    parts = x.reshape(3, 4 * 3 * 2, 5)
    np.testing.assert_allclose(norm.mean[...], 0.1 * parts.mean(axis=(0, 1)), rtol=1e-5)
    variance = parts.var(axis=1).mean(axis=0)
    np.testing.assert_allclose(norm.var[...], 0.9 + 0.1 * variance, rtol=1e-5)


def test_evaluation_uses_them_for_any_number_of_images() -> None:
    norm = VirtualBatchNorm(5, 4, training=False)
    norm.mean[...] = jnp.arange(5.0)
    norm.var[...] = jnp.full(5, 4.0)
    x = images(7)
    np.testing.assert_allclose(norm(jnp.asarray(x)), (x - np.arange(5)) / 2, rtol=1e-4, atol=1e-5)
    assert (norm.mean[...] == jnp.arange(5.0)).all()


def test_moments_are_float32_and_results_of_the_type_of_the_input() -> None:
    norm = VirtualBatchNorm(5, 4, training=True)
    y = norm(jnp.asarray(1000 + images(8), jnp.bfloat16))
    assert y.dtype == jnp.bfloat16
    assert norm.mean[...].dtype == jnp.float32
    assert float(norm.mean[...].mean()) == pytest.approx(100.15, abs=0.5)


def test_scale_and_bias_come_after() -> None:
    norm = VirtualBatchNorm(5, 2, training=True)
    norm.scale[...], norm.bias[...] = jnp.full(5, 3.0), jnp.full(5, -1.0)
    x = images(4)
    np.testing.assert_allclose(norm(jnp.asarray(x)), 3 * expected(x, 2) - 1, atol=5e-5)


def test_its_variables_are_those_of_a_normalisation() -> None:
    params = nnx.to_pure_dict(nnx.state(VirtualBatchNorm(5, 2, training=True), nnx.Param))
    assert set(params) == {"scale", "bias"}
    assert jax.tree.map(jnp.shape, params) == {"scale": (5,), "bias": (5,)}
