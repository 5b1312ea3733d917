"""The workloads by name. Importing this imports neither JAX nor any workload."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.study import Goal

if TYPE_CHECKING:
    from shampoo_tune.workloads.workload import Workload

CLASSIFICATION_METRICS = (
    "train_loss", "valid_loss", "valid_accuracy", "test_loss", "test_accuracy",
)  # fmt: skip


@dataclass(frozen=True)
class WorkloadEntry:
    """What is known of a workload without building it.

    Attributes:
        factory: `module:function`; called with `batch_size` and the file's `args`.
        description: data set, image size and number of examples, for every table's title.
        metrics: the metrics of an evaluation.
        metric: the metric a study optimises unless its file says otherwise.
        goal: which direction of `metric` is better.
        target: the value that counts as reached unless the file says otherwise.
        batch_size: examples a step unless the file says otherwise.
        arguments: what the file's `args` may set; None leaves the check to the factory.
        examples: size of each split that is evaluated.
    """

    factory: str
    description: str
    metrics: tuple[str, ...] = CLASSIFICATION_METRICS
    metric: str = "valid_accuracy"
    goal: Goal = Goal.MAXIMIZE
    target: float | None = 0.97
    batch_size: int = 512
    arguments: tuple[str, ...] | None = None
    examples: Mapping[str, int] = field(default_factory=dict)

    def resolution(self, metric: str) -> float | None:
        """What one example is worth in an accuracy; None where that is unknown, or for a loss."""
        split, _, kind = metric.partition("_")
        count = self.examples.get(split)
        return 1 / count if count and kind == "accuracy" else None


_DIGITS_EXAMPLES = {"valid": 359, "test": 360}
DIGITS = "scikit-learn's digits, 8x8 grey images, n = 1,797 (train 1,078, validation 359, test 360)"

WORKLOADS: dict[str, WorkloadEntry] = {
    "resnet_digits": WorkloadEntry(
        "shampoo_tune.workloads.resnet:resnet_digits",
        f"ResNet-8 (width 16) on {DIGITS}",
        arguments=(),
        examples=_DIGITS_EXAMPLES,
    ),
    "mlp_digits": WorkloadEntry(
        "shampoo_tune.workloads.mlp:mlp_digits",
        f"MLP (two layers of 128) on {DIGITS}",
        arguments=(),
        examples=_DIGITS_EXAMPLES,
    ),
}


def make_workload(name: str, batch_size: int, **arguments: Any) -> "Workload":
    """Build a workload; imports JAX.

    Raises:
        InvalidInputError: an unknown name, or a workload of another package that is broken.
    """
    if name not in WORKLOADS:
        return _make_installed(name, batch_size, **arguments)
    module, _, function = WORKLOADS[name].factory.partition(":")
    workload: Workload = getattr(importlib.import_module(module), function)(batch_size, **arguments)
    return workload


def _make_installed(name: str, batch_size: int, **arguments: Any) -> "Workload":
    from shampoo_tune.workloads.installed import installed

    if name not in installed():
        known = ", ".join([*WORKLOADS, *installed()])
        raise InvalidInputError(f"unknown workload {name!r} (known: {known})")
    from shampoo_tune.workloads.building import build_installed

    return build_installed(name, batch_size, **arguments)
