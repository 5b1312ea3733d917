"""From a point of the search space to the configuration that trains."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shampoo_tune.optimizer.allowed_values import Allowed, coerce
from shampoo_tune.optimizer.config import (
    OPTIMIZERS,
    Configuration,
    WarmupPolynomialConfig,
    make_options,
)
from shampoo_tune.tuner.parameters import Value


def _like_config(name: str) -> Any:
    """A field with the default and the range it has in the schedule's configuration."""
    (config,) = (f for f in dataclasses.fields(WarmupPolynomialConfig) if f.name == name)
    return dataclasses.field(default=config.default, metadata=config.metadata)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """The study's schedule, in fractions of the step budget; an arm may override each field.

    Attributes:
        warmup_fraction: share of the steps spent warming up, in [0, 1); 0 means no warm-up.
        warmup_power: see `WarmupPolynomialConfig`, as for the others.
        decay_power: exponent of the decay.
        end_factor: the learning rate ends at end_factor * learning_rate.
    """

    warmup_fraction: float = dataclasses.field(
        default=0.0, metadata={"allowed": Allowed(0.0, 1.0, open_high=True), "traced": True}
    )
    warmup_power: float = _like_config("warmup_power")
    decay_power: float = _like_config("decay_power")
    end_factor: float = _like_config("end_factor")


Option = dataclasses.Field[Any]
SCHEDULE_OPTIONS: dict[str, Option] = {f.name: f for f in dataclasses.fields(Schedule)}


def arm_options(optimizer: str) -> dict[str, Option]:
    """Everything an arm of this optimizer may set: learning rate, options, schedule."""
    (rate,) = (f for f in dataclasses.fields(WarmupPolynomialConfig) if f.name == "learning_rate")
    own = {f.name: f for f in dataclasses.fields(OPTIMIZERS[optimizer])}
    return {rate.name: rate, **own, **SCHEDULE_OPTIONS}


def make_configuration(
    optimizer: str, point: Mapping[str, Value], schedule: Schedule, steps: int
) -> Configuration:
    """What a trial trains with: the point's own schedule values before the study's.

    Raises:
        InvalidInputError: the point lacks `learning_rate`, or a name or value is not allowed.
    """
    split = {**vars(schedule)}
    split |= {name: point[name] for name in (*SCHEDULE_OPTIONS, "learning_rate") if name in point}
    options = {name: value for name, value in point.items() if name not in split}
    warmup = round(split.pop("warmup_fraction") * steps)  # half to even
    split |= {"steps": steps, "warmup_steps": max(0, min(warmup, steps - 1))}
    return Configuration(
        optimizer=optimizer,
        options=make_options(optimizer, options),
        schedule=coerce(WarmupPolynomialConfig, split),
    )
