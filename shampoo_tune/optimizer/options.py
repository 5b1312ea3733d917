"""Options given in Python code, checked by the same rules as those of a study file."""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.allowed_values import nearest
from shampoo_tune.optimizer.config import OPTIMIZERS, OptimizerConfig, make_options

F = TypeVar("F", bound=Callable[..., Any])

_PLAIN = (bool, int, float, str, type(None))


def checked_options(optimizer: str, options: Mapping[str, Any]) -> OptimizerConfig:
    """An arm's options from keyword arguments.

    Plain values are checked; arrays and tracers are taken as they are, because a transformation
    may be built inside a jitted step, where their values are unknown.

    Raises:
        InvalidInputError: an unknown option, a value outside its range, or an array for an option
            that changes the program (a switch).
    """
    values = {k: v.item() if isinstance(v, np.generic) else v for k, v in options.items()}
    plain = {name: value for name, value in values.items() if isinstance(value, _PLAIN)}
    traced = {name: value for name, value in values.items() if name not in plain}
    known = {f.name: f for f in fields(OPTIMIZERS[optimizer])}
    for name in traced:
        if name not in known:
            raise InvalidInputError(f"unknown option {name!r}{nearest(name, known)}")
        if not known[name].metadata["traced"]:
            raise InvalidInputError(f"{name} must be a plain value, got {traced[name]!r}")
    return replace(make_options(optimizer, plain), **traced)


def with_signature_of(config: type[OptimizerConfig], but: tuple[str, ...] = ()) -> Callable[[F], F]:
    """Names the config's numbers, `but` some, in the signature of a function with **options.

    So `help` shows them with their defaults, and `optax.inject_hyperparams`, which reads the
    signature, makes them part of the state. All else stays in **options, which that wrapper passes
    on as one argument of that name.
    """

    def named(function: F) -> F:
        @functools.wraps(function)
        def call(*args: Any, options: Mapping[str, Any] | None = None, **kwargs: Any) -> Any:
            return function(*args, **kwargs, **(options or {}))

        *own, rest = inspect.signature(function).parameters.values()
        numbers = [
            inspect.Parameter(f.name, inspect.Parameter.KEYWORD_ONLY, default=f.default)
            for f in fields(config)
            if f.metadata["traced"] and f.name not in but
        ]
        call.__signature__ = inspect.Signature([*own, *numbers, rest])  # type: ignore[attr-defined]
        return call  # type: ignore[return-value]

    return named
