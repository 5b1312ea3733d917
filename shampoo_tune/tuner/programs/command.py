"""The command line of a program: a template whose placeholders are a run's hyperparameters."""

import hashlib
import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from shampoo_tune.optimizer.config import OPTIMIZERS, WarmupPolynomialConfig
from shampoo_tune.tuner.messages import Job

# Braces round a word. Those of a JSON text are none, for what they hold has quotes or spaces.
_PLACEHOLDER = re.compile(r"""\{([^{}\s"':,]*)\}""")
OF_RUN = (
    "optimizer", "hyperparameters", "schedule", "seed", "steps", "eval_every", "trial",
    "batch_size", "label_smoothing",
)  # fmt: skip


@dataclass(frozen=True)
class Command:
    """A program and its arguments, as the user gave them; no shell ever reads them."""

    argv: tuple[str, ...]

    @property
    def digest(self) -> str:
        """sha256 of the template; another digest is another program."""
        return hashlib.sha256(json.dumps(self.argv).encode()).hexdigest()

    @property
    def placeholders(self) -> list[str]:
        """The names in braces, each once."""
        return list(dict.fromkeys(n for part in self.argv for n in _PLACEHOLDER.findall(part)))

    def of(self, job: Job) -> list[str]:
        """The arguments of one run."""
        values = values_of(job)
        return [_PLACEHOLDER.sub(lambda found: values[found[1]], part) for part in self.argv]

    def __str__(self) -> str:
        return shlex.join(self.argv)


def known_placeholders(optimizer: str) -> list[str]:
    """What a command may name for an arm of this optimizer."""
    options = [option.name for option in fields(OPTIMIZERS[optimizer])]
    return list(dict.fromkeys([*_schedule_names(), *options, *OF_RUN]))


def values_of(job: Job) -> dict[str, str]:
    """What stands for each placeholder: numbers to their last digit, `true`, `false`, `null`."""
    configuration, workload = job.configuration, job.workload
    options, schedule = configuration["options"], configuration["schedule"]
    rate = schedule["learning_rate"]
    values = {
        **{name: schedule[name] for name in _schedule_names()},
        **options,
        "optimizer": configuration["optimizer"],
        "hyperparameters": {"learning_rate": rate, **options},
        "schedule": schedule,
        **{name: getattr(job, name) for name in ("seed", "steps", "eval_every", "trial")},
        "batch_size": workload["batch_size"],
        "label_smoothing": workload.get("label_smoothing", 0.0),
    }
    return {name: _text(value) for name, value in values.items()}


def _schedule_names() -> Sequence[str]:
    return [field.name for field in fields(WarmupPolynomialConfig)]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
