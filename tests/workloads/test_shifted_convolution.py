"""The convolution for evaluation against XLA's own."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shampoo_tune.workloads.shifted_convolution import shifted_convolution


@settings(max_examples=30, deadline=None)
@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    size=st.integers(1, 4),
    stride=st.integers(1, 3),
)
def test_equals_xlas_convolution(height: int, width: int, size: int, stride: int) -> None:
    rng = np.random.default_rng(0)
    images = jnp.asarray(rng.normal(size=(2, height, width, 3)), jnp.float32)
    kernel = jnp.asarray(rng.normal(size=(size, size, 3, 5)), jnp.float32)
    strides = (stride, stride)
    expected = jax.lax.conv_general_dilated(
        images, kernel, strides, "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    measured = shifted_convolution(images, kernel, strides, "SAME")
    np.testing.assert_allclose(measured, expected, rtol=1e-4, atol=1e-5)


def test_another_padding_is_refused() -> None:
    ones = jnp.ones((1, 2, 2, 1))
    with pytest.raises(ValueError, match="only SAME"):
        shifted_convolution(ones, ones, (1, 1), "VALID")
