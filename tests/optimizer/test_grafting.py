"""Each grafting rule against its formula."""

import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.optimizer.config import GRAFT_TYPES
from shampoo_tune.optimizer.grafting import (
    graft_update,
    has_accumulator,
    new_weight,
    norm,
    with_norm_of,
)

GRADIENT = np.array([[3.0, -4.0], [0.0, 12.0]], np.float32)
SUM = np.array([[1.0, 2.0], [0.0, 4.0]], np.float32)
UNIT = GRADIENT / 13

EXPECTED = {
    "none": GRADIENT,
    "sgd": GRADIENT,
    "sqrt_n": np.sign(GRADIENT),
    "adagrad": GRADIENT / (np.sqrt(SUM + GRADIENT**2) + 0.5),
    "rmsprop": GRADIENT / (np.sqrt(0.75 * SUM + 0.25 * GRADIENT**2) + 0.5),
    "adagrad_normalized": UNIT / (np.sqrt(SUM + UNIT**2) + 0.5),
    "rmsprop_normalized": UNIT / (np.sqrt(0.75 * SUM + 0.25 * UNIT**2) + 0.5),
}


@pytest.mark.parametrize("graft_type", GRAFT_TYPES)
def test_each_rule_is_its_formula(graft_type: str) -> None:
    accumulator = jnp.asarray(SUM) if has_accumulator(graft_type) else None
    update, new = graft_update(graft_type, jnp.asarray(GRADIENT), accumulator, 0.75, 0.5)
    np.testing.assert_allclose(update, EXPECTED[graft_type], rtol=1e-6)
    assert (new is None) == (accumulator is None)


def test_the_graft_gives_the_length_and_not_the_direction() -> None:
    direction = jnp.array([3.0, 4.0])
    np.testing.assert_allclose(with_norm_of(direction, jnp.array([0.0, 10.0])), [6, 8], rtol=1e-6)


def test_a_zero_direction_stays_zero() -> None:
    assert not np.any(with_norm_of(jnp.zeros(3), jnp.ones(3)))


def test_an_entry_without_any_gradient_yet_is_not_divided_by_zero() -> None:
    update, _ = graft_update("adagrad", jnp.array([0.0, 2.0]), jnp.zeros(2), 1.0, 0.0)
    np.testing.assert_array_equal(update, [0, 1])


@pytest.mark.parametrize("scale", [1e-30, 1.0, 1e30])
def test_the_norm_works_at_any_scale(scale: float) -> None:
    assert float(norm(jnp.array([3.0, 4.0]) * scale)) == pytest.approx(5 * scale, rel=1e-6)


def test_the_norm_of_nothing_is_zero() -> None:
    assert norm(jnp.zeros((0, 3))) == 0
    assert norm(jnp.zeros(())) == 0


def test_a_decay_of_one_is_a_sum() -> None:
    assert new_weight(1.0) == 1
    assert float(new_weight(0.9)) == pytest.approx(0.1, rel=1e-6)
