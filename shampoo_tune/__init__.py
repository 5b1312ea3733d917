"""shampoo-tune: tunes optimizers by the protocol of Nado, Gilmer et al. (arXiv 2102.06356).

`shampoo_tune.load("best.yaml").optimizer()` builds a tuned optimizer for your own training code;
`shampoo_tune.open("sqlite:///shampoo-tune.db")` gives results as pandas DataFrames.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shampoo_tune.best_config import BestConfig
    from shampoo_tune.loading import load
    from shampoo_tune.opening import Results, open  # noqa: A004

__all__ = ["BestConfig", "Results", "load", "open"]
__version__ = "0.1.0"

_MODULES = {
    "BestConfig": "best_config",
    "Results": "opening",
    "load": "loading",
    "open": "opening",
}


def __getattr__(name: str) -> Any:
    """Import on first use, so that the command line starts without YAML and pandas."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
