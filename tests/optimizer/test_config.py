"""The options of the arms."""

import dataclasses
import math
from typing import Any

import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.allowed_values import coerce
from shampoo_tune.optimizer.config import (
    OPTIMIZERS,
    Configuration,
    ShampooConfig,
    WarmupPolynomialConfig,
    make_options,
)


def test_shampoos_defaults_are_the_seeds() -> None:
    config = ShampooConfig()
    assert (config.block_size, config.beta1, config.beta2) == (128, 0.9, 0.999)
    assert (config.diagonal_epsilon, config.matrix_epsilon) == (1e-10, 1e-6)
    assert (config.start_preconditioning_step, config.graft_type) == (5, "sgd")
    assert config.no_preconditioning_for_layers_with_dim_gt == 8192


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_configuration_survives_its_way_through_json(optimizer: str) -> None:
    schedule = WarmupPolynomialConfig(learning_rate=0.1 + 0.2, steps=1729, warmup_steps=196)
    configuration = Configuration(
        optimizer=optimizer, options=OPTIMIZERS[optimizer](), schedule=schedule
    )
    assert Configuration.from_json(configuration.to_json()) == configuration


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_option_is_documented_with_its_range(optimizer: str) -> None:
    for option in dataclasses.fields(OPTIMIZERS[optimizer]):
        assert f"{option.name}: " in (OPTIMIZERS[optimizer].__doc__ or "")
        assert set(option.metadata) == {"allowed", "traced"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"beta": 0.9}, r"unknown option 'beta' \(did you mean 'beta2'\?\)"),
        ({"beta1": 1}, r"beta1 must be in \[0, 1\), got 1"),
        ({"beta1": "0.9"}, "beta1 must be a number, got '0.9'"),
        ({"beta1": True}, "beta1 must be a number, got True"),
        ({"matrix_epsilon": math.nan}, "matrix_epsilon must be >= 0, got nan"),
        ({"matrix_epsilon": math.inf}, "matrix_epsilon must be >= 0, got inf"),
        ({"block_size": 1.5}, "block_size must be a whole number, got 1.5"),
        ({"block_size": 0}, "block_size must be >= 1, got 0"),
        ({"nesterov": 1}, "nesterov must be true or false, got 1"),
        (
            {"root_method": "newton", "exponent_override": 1.5},
            "exponent_override must be a plain whole number .*; got 1.5",
        ),
        ({"graft_type": "sdg"}, r"graft_type must be one of .*\(did you mean 'sgd'\?\)"),
    ],
)
def test_a_bad_option_is_met_with_the_rule_and_the_value(
    values: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        make_options("shampoo", values)


def test_numbers_take_the_declared_type_and_strings_ignore_case() -> None:
    config = make_options(
        "shampoo", {"exponent_override": 4, "block_size": 64.0, "graft_type": "AdaGrad"}
    )
    assert isinstance(config, ShampooConfig)
    assert isinstance(config.exponent_override, float)
    assert isinstance(config.block_size, int)
    assert config.graft_type == "adagrad"


def test_a_missing_learning_rate_and_an_unknown_arm_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="missing option 'learning_rate'"):
        coerce(WarmupPolynomialConfig, {"steps": 40})
    with pytest.raises(InvalidInputError, match="unknown optimizer 'shampo'"):
        make_options("shampo", {})
