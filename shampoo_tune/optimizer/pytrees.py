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
    WarmupPolynomialConfig,
)

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


def _register(cls: type) -> None:
    names = {True: list[str](), False: list[str]()}
    for f in dataclasses.fields(cls):
        names[f.metadata["traced"]].append(f.name)
    jax.tree_util.register_dataclass(cls, data_fields=names[True], meta_fields=names[False])


for _cls in (*OPTIMIZERS.values(), WarmupPolynomialConfig):
    _register(_cls)
jax.tree_util.register_dataclass(
    Configuration, data_fields=["options", "schedule"], meta_fields=["optimizer"]
)
