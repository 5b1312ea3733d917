"""Which parts of a configuration are data."""

import dataclasses
from typing import Any

import jax
import numpy as np

from shampoo_tune.optimizer.config import (
    OPTIMIZERS,
    Configuration,
    ShampooConfig,
    WarmupPolynomialConfig,
)
from shampoo_tune.optimizer.pytrees import as_arrays

CONFIGURATION = Configuration(
    optimizer="shampoo",
    options=ShampooConfig(),
    schedule=WarmupPolynomialConfig(learning_rate=0.1, steps=10),
)


def structure(tree: Any) -> Any:
    return jax.tree.structure(tree)


def test_every_number_is_data_and_every_switch_is_structure() -> None:
    for cls in OPTIMIZERS.values():
        leaves = jax.tree.leaves(cls())
        assert len(leaves) == sum(f.metadata["traced"] for f in dataclasses.fields(cls))
    assert structure(ShampooConfig()) != structure(ShampooConfig(block_size=64))
    assert structure(ShampooConfig()) == structure(ShampooConfig(beta1=0.5))


def test_the_arm_is_structure() -> None:
    other = dataclasses.replace(CONFIGURATION, optimizer="lars")
    assert structure(other) != structure(CONFIGURATION)


def test_numbers_get_their_declared_type_whatever_python_type_they_had() -> None:
    arrays = as_arrays(dataclasses.replace(CONFIGURATION, options=ShampooConfig(weight_decay=0)))
    assert isinstance(arrays.options, ShampooConfig)
    assert arrays.options.weight_decay.dtype == np.float32  # type: ignore[attr-defined]
    assert arrays.options.start_preconditioning_step.dtype == np.int32  # type: ignore[attr-defined]
    assert arrays.schedule.steps.dtype == np.int32  # type: ignore[attr-defined]
    assert arrays.options.block_size == 128
    assert structure(arrays) == structure(CONFIGURATION)


def test_a_configuration_survives_the_round_trip_through_its_leaves() -> None:
    leaves, definition = jax.tree.flatten(CONFIGURATION)
    assert jax.tree.unflatten(definition, leaves) == CONFIGURATION


def test_where_roots_are_iterated_their_order_is_structure() -> None:
    newton = ShampooConfig(root_method="newton", exponent_override=4)
    assert structure(newton) != structure(dataclasses.replace(newton, exponent_override=2))
    assert structure(newton) == structure(dataclasses.replace(newton, beta1=0.5))
    arrays = as_arrays(dataclasses.replace(CONFIGURATION, options=newton))
    assert len(jax.tree.leaves(arrays.options)) == len(jax.tree.leaves(ShampooConfig())) - 1
    leaves, definition = jax.tree.flatten(arrays)
    assert jax.tree.unflatten(definition, leaves) == arrays
