"""Each grafting rule against its formula."""

import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.optimizer.config import GRAFT_TYPES, ShampooConfig
from shampoo_tune.optimizer.distribution import Devices
from shampoo_tune.optimizer.grafting import (
    graft_updates,
    grafted,
    has_accumulator,
    is_normalized,
    new_weight,
    normalized,
)
from shampoo_tune.optimizer.layout import Tensors, make_layout
from shampoo_tune.optimizer.share import Entries, Share

# Two tensors, because the normalised rules are per tensor.
GRADIENT = np.array([3.0, -4.0, 0.0, 12.0, 0.5], np.float32)
SUM = np.array([1.0, 2.0, 0.0, 4.0, 0.25], np.float32)
UNIT = GRADIENT / np.array([13, 13, 13, 13, 0.5], np.float32)
LAYOUT = make_layout([(2, 2), (1,)], ShampooConfig(merge_small_dims_block_size=1))
SHARE = Share(LAYOUT, Devices())

EXPECTED = {
    "none": GRADIENT,
    "sgd": GRADIENT,
    "sqrt_n": np.sign(GRADIENT),
    "adagrad": GRADIENT / (np.sqrt(SUM + GRADIENT**2) + 0.5),
    "rmsprop": GRADIENT / (np.sqrt(0.75 * SUM + 0.25 * GRADIENT**2) + 0.5),
    "adagrad_normalized": UNIT / (np.sqrt(SUM + UNIT**2) + 0.5),
    "rmsprop_normalized": UNIT / (np.sqrt(0.75 * SUM + 0.25 * UNIT**2) + 0.5),
}


def tensors(entries: np.ndarray) -> Tensors:
    """The two tensors of these entries."""
    values = jnp.asarray(entries, jnp.float32)
    return LAYOUT.stacked([values[:4].reshape(2, 2), values[4:]])


def entries(values: np.ndarray) -> Entries:
    return SHARE.of(tensors(values))


def flat(found: Entries) -> np.ndarray:
    return np.concatenate([np.ravel(leaf) for leaf in SHARE.leaves(found)])


@pytest.mark.parametrize("graft_type", GRAFT_TYPES)
def test_each_rule_is_its_formula(graft_type: str) -> None:
    config = ShampooConfig(graft_type=graft_type, beta2=0.75, diagonal_epsilon=0.5)
    gradient = tensors(GRADIENT)
    if is_normalized(graft_type):
        gradient = normalized(gradient)
    accumulator = entries(SUM) if has_accumulator(graft_type) else None
    update, new = graft_updates(config, SHARE.of(gradient), accumulator)
    np.testing.assert_allclose(flat(update), EXPECTED[graft_type], rtol=1e-6)
    assert (new is None) == (accumulator is None)


def test_entries_that_are_not_finite_count_as_zero_in_a_norm() -> None:
    (matrix, *_) = normalized(tensors(np.array([3.0, np.nan, -4.0, np.inf, 1.0])))
    np.testing.assert_allclose(matrix[0], [[0.6, 0], [-0.8, 0]], rtol=1e-6)


def grafted_update(direction: np.ndarray, gradient: np.ndarray, graft_type: str) -> np.ndarray:
    config = ShampooConfig(graft_type=graft_type)
    graft, _ = graft_updates(config, entries(gradient), None)
    blocks = grafted(config, SHARE, entries(direction).blocks, graft.blocks)
    return flat(Entries(blocks, None))


@pytest.mark.parametrize("graft_type", ["sgd", "sqrt_n"])
def test_the_graft_gives_each_tensors_length_and_not_its_direction(graft_type: str) -> None:
    direction = np.array([1.0, 2.0, -3.0, 4.0, -7.0], np.float32)
    found = grafted_update(direction, GRADIENT, graft_type)
    rule = EXPECTED[graft_type]
    for tensor in (slice(0, 4), slice(4, 5)):
        length = np.linalg.norm(rule[tensor]) / np.linalg.norm(direction[tensor])
        np.testing.assert_allclose(found[tensor], direction[tensor] * length, rtol=1e-6)


def test_without_a_graft_the_direction_keeps_its_length() -> None:
    direction = np.arange(5, dtype=np.float32)
    np.testing.assert_array_equal(grafted_update(direction, GRADIENT, "none"), direction)


@pytest.mark.parametrize("scale", [0.0, 1e-25])
def test_a_direction_that_vanishes_is_zero(scale: float) -> None:
    assert not np.any(grafted_update(scale * np.ones(5), GRADIENT, "sgd"))


def test_an_entry_without_any_gradient_yet_is_not_divided_by_zero() -> None:
    config = ShampooConfig(graft_type="adagrad", diagonal_epsilon=0.0)
    gradient = np.array([0.0, 2.0, 0.0, -3.0, 0.0])
    update, _ = graft_updates(config, entries(gradient), entries(np.zeros(5)))
    np.testing.assert_array_equal(flat(update), [0, 1, 0, -1, 0])


def test_a_decay_of_one_is_a_sum() -> None:
    assert new_weight(1.0) == 1
    assert float(new_weight(0.9)) == pytest.approx(0.1, rel=1e-6)
