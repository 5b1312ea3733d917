"""Options given in code are checked like those of a file."""

import inspect
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.options import checked_options, with_signature_of


def test_plain_values_are_checked_and_normalised() -> None:
    assert checked_options("shampoo", {"graft_type": "SGD"}) == ShampooConfig(graft_type="sgd")
    with pytest.raises(InvalidInputError, match=r"beta1 must be in \[0, 1\), got 1.0"):
        checked_options("shampoo", {"beta1": 1.0})
    with pytest.raises(InvalidInputError, match="did you mean 'beta2'"):
        checked_options("shampoo", {"beta_2": 0.5})


def test_numpy_scalars_are_plain_values() -> None:
    assert checked_options("shampoo", {"block_size": np.int64(8)}) == ShampooConfig(block_size=8)
    with pytest.raises(InvalidInputError, match="beta1"):
        checked_options("shampoo", {"beta1": np.float32(2)})


def test_arrays_pass_unchecked_for_numbers_only() -> None:
    number = jnp.float32(0.5)
    options = checked_options("shampoo", {"beta1": number})
    assert isinstance(options, ShampooConfig)
    assert options.beta1 is number
    with pytest.raises(InvalidInputError, match="block_size must be a plain value"):
        checked_options("shampoo", {"block_size": jnp.int32(8)})
    with pytest.raises(InvalidInputError, match="unknown option 'beta3'"):
        checked_options("shampoo", {"beta3": number})


def test_the_signature_names_numbers_with_their_defaults_and_leaves_switches_out() -> None:
    @with_signature_of(ShampooConfig)
    def function(rate: float, **options: Any) -> dict[str, Any]:
        return {"rate": rate, **options}

    parameters = inspect.signature(function).parameters
    assert next(iter(parameters)) == "rate"
    assert parameters["beta1"].default == ShampooConfig.beta1
    assert "block_size" not in parameters
    assert function(1.0, beta1=0.5, block_size=8) == {"rate": 1.0, "beta1": 0.5, "block_size": 8}
    assert function(1.0, options={"block_size": 8}) == {"rate": 1.0, "block_size": 8}
