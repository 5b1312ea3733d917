"""Distributed Shampoo, the first-order optimizers it is compared with, and their schedule.

Every optimizer is an optax gradient transformation. The public names are resolved when first used,
so that `shampoo_tune.optimizer.config` can be imported without loading JAX.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shampoo_tune.optimizer.arms import build
    from shampoo_tune.optimizer.averaging import schedule_free
    from shampoo_tune.optimizer.baselines import adamw, nadamw, nesterov
    from shampoo_tune.optimizer.carrying import tuned
    from shampoo_tune.optimizer.distributed_shampoo import shampoo
    from shampoo_tune.optimizer.factored import sm3
    from shampoo_tune.optimizer.layerwise import lamb, lars
    from shampoo_tune.optimizer.masks import weight_decay_mask
    from shampoo_tune.optimizer.orthogonalised import muon
    from shampoo_tune.optimizer.schedules import warmup_polynomial

__all__ = [
    "adamw",
    "build",
    "lamb",
    "lars",
    "muon",
    "nadamw",
    "nesterov",
    "schedule_free",
    "shampoo",
    "sm3",
    "tuned",
    "warmup_polynomial",
    "weight_decay_mask",
]

# No module bears a public function's name: importing it would replace the function.
_MODULES = {
    "adamw": "baselines",
    "build": "arms",
    "lamb": "layerwise",
    "lars": "layerwise",
    "muon": "orthogonalised",
    "nadamw": "baselines",
    "nesterov": "baselines",
    "schedule_free": "averaging",
    "shampoo": "distributed_shampoo",
    "sm3": "factored",
    "tuned": "carrying",
    "warmup_polynomial": "schedules",
    "weight_decay_mask": "masks",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
