"""A trial's configuration as a pytree: its numbers are data, its switches part of the program.

A jitted step that takes a `Configuration` is compiled once for all trials of an arm which differ
in numbers only; another value of a switch (or another arm) is another program.
"""

import dataclasses
from typing import Any, TypeVar

import jax
import numpy as np

from shampoo_tune.optimizer.config import (
    OPTIMIZERS,
    Configuration,
    ShampooConfig,
    WarmupPolynomialConfig,
)
from shampoo_tune.optimizer.inverse_roots import root_method

T = TypeVar("T")

_ARRAY_TYPES = {float: np.float32, int: np.int32}


def as_arrays(configuration: Configuration) -> Configuration:
    """The same configuration with every number a NumPy scalar of a fixed type.

    Python numbers would reach a jitted step as weakly typed scalars; `np.float32` and `np.int32`
    (by the field's declared type) give every trial the same argument types, so none recompiles.
    """
    return dataclasses.replace(
        configuration,
        options=_numbers_as_arrays(configuration.options),
        schedule=_numbers_as_arrays(configuration.schedule),
    )


def _numbers_as_arrays(config: T) -> T:
    values: dict[str, Any] = {
        f.name: _ARRAY_TYPES[f.type](getattr(config, f.name))  # type: ignore[index]
        for f in dataclasses.fields(config)  # type: ignore[arg-type]
        if f.metadata["traced"]
    }
    return dataclasses.replace(config, **values)  # type: ignore[type-var]


def _flatten(options: Any) -> tuple[list[Any], tuple[Any, ...]]:
    names = [f.name for f in dataclasses.fields(options) if f.metadata["traced"]]
    # An iteration with another order is another program.
    if isinstance(options, ShampooConfig) and root_method(options) == "newton":
        names.remove("exponent_override")
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
