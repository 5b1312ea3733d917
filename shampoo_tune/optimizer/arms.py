"""From a trial's configuration to the optimizer it trains with."""

import dataclasses
from collections.abc import Callable

import optax
from jax.sharding import Mesh

from shampoo_tune.optimizer import pytrees  # noqa: F401 (makes a Configuration a pytree)
from shampoo_tune.optimizer.averaging import schedule_free
from shampoo_tune.optimizer.baselines import adamw, nadamw, nesterov
from shampoo_tune.optimizer.config import Configuration
from shampoo_tune.optimizer.distributed_shampoo import shampoo
from shampoo_tune.optimizer.factored import sm3
from shampoo_tune.optimizer.layerwise import lamb, lars
from shampoo_tune.optimizer.masks import weight_decay_mask
from shampoo_tune.optimizer.orthogonalised import muon
from shampoo_tune.optimizer.schedules import warmup_polynomial

_BUILDERS: dict[str, Callable[..., optax.GradientTransformation]] = {
    "shampoo": shampoo,
    "nesterov": nesterov,
    "lars": lars,
    "adamw": adamw,
    "nadamw": nadamw,
    "lamb": lamb,
    "sm3": sm3,
    "muon": muon,
    "schedule_free": schedule_free,
}


def build(configuration: Configuration, mesh: Mesh | None = None) -> optax.GradientTransformation:
    """The arm's optimizer with the configuration's options and schedule.

    Weight decay is applied to weights only (`weight_decay_mask`). The configuration may hold
    tracers in place of numbers, so a jitted step can take it as an argument and build the
    optimizer inside: one compilation serves all trials of an arm that share their switches.

    Args:
        configuration: of a trial.
        mesh: the devices that share the work of Shampoo's roots; the other arms have none.
    """
    options = configuration.options
    # Not `dataclasses.asdict`, which would copy the tracers.
    values = {f.name: getattr(options, f.name) for f in dataclasses.fields(options)}
    if configuration.optimizer == "shampoo":
        values["mesh"] = mesh
    return _BUILDERS[configuration.optimizer](
        warmup_polynomial(configuration.schedule), weight_decay_mask=weight_decay_mask, **values
    )
