"""A trial's configuration as a pytree: its numbers are data, its switches part of the program.

A jitted step that takes a `Configuration` is compiled once for all trials of an arm which differ
in numbers only; another value of a switch (or another arm) is another program.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from shampoo_tune.optimizer.config import (
    OPTIMIZERS,
    Configuration,
    ShampooConfig,
    WarmupPolynomialConfig,
)
from shampoo_tune.optimizer.inverse_roots import root_method

_ARRAY_TYPES: dict[Any, Any] = {float: np.float32, int: np.int32}
_PARTS = ("options", "schedule")


def as_arrays(configuration: Configuration) -> Configuration:
    """The same configuration with every number a NumPy scalar of a fixed type.

    Python numbers would reach a jitted step as weakly typed scalars; `np.float32` and `np.int32`
    (by the field's declared type) give every trial the same argument types, so none recompiles.
    """
    return with_numbers(configuration, numbers_of(configuration))


def numbers_of(configuration: Configuration) -> dict[str, dict[str, Any]]:
    """The numbers that are data, of `options` and `schedule` by name, as `as_arrays` has them."""
    return {part: _numbers(getattr(configuration, part)) for part in _PARTS}


def with_numbers(
    configuration: Configuration, numbers: Mapping[str, Mapping[str, Any]]
) -> Configuration:
    """The configuration with these numbers, which may be tracers, in place of its own."""
    parts: dict[str, Any] = {
        part: dataclasses.replace(getattr(configuration, part), **numbers[part]) for part in _PARTS
    }
    return dataclasses.replace(configuration, **parts)


def _numbers(config: Any) -> dict[str, Any]:
    types = {f.name: f.type for f in dataclasses.fields(config)}
    return {name: _ARRAY_TYPES[types[name]](getattr(config, name)) for name in _traced(config)}


def _traced(config: Any) -> list[str]:
    names = [f.name for f in dataclasses.fields(config) if f.metadata["traced"]]
    # An iteration with another order is another program.
    if isinstance(config, ShampooConfig) and root_method(config) == "newton":
        names.remove("exponent_override")
    return names


def _flatten(options: Any) -> tuple[list[Any], tuple[Any, ...]]:
    names = _traced(options)
    others = {f.name: getattr(options, f.name) for f in dataclasses.fields(options)}
    values = [others.pop(name) for name in names]
    return values, (tuple(names), tuple(others.items()))


def _register(cls: type) -> None:
    def unflatten(static: tuple[Any, ...], values: list[Any]) -> Any:
        names, others = static
        return cls(**dict(others), **dict(zip(names, values, strict=True)))

    jax.tree_util.register_pytree_node(cls, _flatten, unflatten)


for _cls in (*OPTIMIZERS.values(), WarmupPolynomialConfig):
    _register(_cls)
jax.tree_util.register_dataclass(
    Configuration, data_fields=["options", "schedule"], meta_fields=["optimizer"]
)
