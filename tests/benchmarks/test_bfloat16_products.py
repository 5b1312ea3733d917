"""The emulated products are as exact as the number of their parts allows."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from benchmarks.bfloat16_products import (
    PRECISIONS,
    multiplication,
    relative_error,
    round_to_bfloat16,
    split,
)


def _normal(*shape: int) -> jax.Array:
    return jnp.asarray(np.random.RandomState(0).normal(size=shape), jnp.float32)


def test_rounding_is_that_of_the_type() -> None:
    x = _normal(1000) * jnp.float32(10) ** jnp.linspace(-20, 20, 1000)
    expected = np.asarray(x).astype(jnp.bfloat16).astype(np.float32)
    for rounding in (round_to_bfloat16, jax.jit(round_to_bfloat16)):
        np.testing.assert_array_equal(rounding(x), expected)


def test_three_parts_are_the_whole_number() -> None:
    x = _normal(1000)
    first, second, third = split(x)
    np.testing.assert_array_equal(np.asarray(first) + (np.asarray(second) + third), x)
    assert np.all(np.abs(second) <= 2.0**-8 * np.abs(x))
    assert np.all(np.abs(third) <= 2.0**-16 * np.abs(x))


@pytest.mark.parametrize(("kind", "digits"), [("bf16x1", 9), ("bf16x3", 17), ("bf16x6", 23)])
@pytest.mark.parametrize("size", [16, 128])
def test_each_kind_has_its_error(kind: str, digits: int, size: int) -> None:
    assert 2.0 ** -(digits + 2) < relative_error(kind, size) < 2.0 ** -(digits - 1)


def test_six_products_are_as_good_as_float32() -> None:
    assert relative_error("bf16x6", 128) < 2 * relative_error("float32", 128)


@pytest.mark.parametrize("kind", PRECISIONS)
def test_what_is_exact_in_bfloat16_is_multiplied_exactly(kind: str) -> None:
    random = np.random.RandomState(1)
    left, right = random.randint(-128, 129, size=(2, 3, 20, 20)).astype(np.float32)
    product = multiplication(kind)(jnp.asarray(left), jnp.asarray(right))
    np.testing.assert_array_equal(product, left @ right)


def test_one_product_is_that_of_the_rounded_factors() -> None:
    left, right = _normal(2, 8, 8)
    rounded = [np.asarray(round_to_bfloat16(x), np.float64) for x in (left, right)]
    product = multiplication("bf16x1")(left, right)
    np.testing.assert_allclose(product, rounded[0] @ rounded[1], rtol=1e-5, atol=1e-6)
