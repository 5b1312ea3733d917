"""What every option means, taken from the docstring of the class that declares it."""

import inspect
import re

from shampoo_tune.optimizer.config import OPTIMIZERS, WarmupPolynomialConfig
from shampoo_tune.tuner.configuration import Schedule

_ENTRY = re.compile(r"^    (\w+): (.*\n?(?:^ {5,}\S.*\n?)*)", re.MULTILINE)


def option_meanings(optimizer: str) -> dict[str, str]:
    """A sentence for everything that an arm of this optimizer may set."""
    return schedule_meanings() | _attributes(OPTIMIZERS[optimizer])


def schedule_meanings() -> dict[str, str]:
    """A sentence for each parameter of the schedule."""
    return _attributes(Schedule) | _attributes(WarmupPolynomialConfig)


def _attributes(cls: type) -> dict[str, str]:
    """The entries of a docstring's `Attributes:`, each on one line; none under `python -OO`."""
    section = (inspect.getdoc(cls) or "").partition("Attributes:\n")[2]
    return {name: " ".join(text.split()) for name, text in _ENTRY.findall(section)}
