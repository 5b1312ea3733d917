"""The workloads by name. Importing this imports neither JAX nor any workload."""

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.study import Goal
from shampoo_tune.workloads.arguments import Argument, ArgumentProblem, Rule, complete, no_rule
from shampoo_tune.workloads.resnet50_arguments import RESNET50_ARGUMENTS, check_precision
from shampoo_tune.workloads.transformer_arguments import (
    TRANSFORMER_ARGUMENTS,
    check_heads,
    check_text,
)

if TYPE_CHECKING:
    from shampoo_tune.workloads.workload import Workload

CLASSIFICATION_METRICS = (
    "train_loss", "valid_loss", "valid_accuracy", "test_loss", "test_accuracy",
)  # fmt: skip
LOSSES = ("train_loss", "valid_loss", "test_loss")


@dataclass(frozen=True)
class WorkloadEntry:
    """What is known of a workload without building it.

    Attributes:
        factory: `module:function`; called with `batch_size` and the file's `args`.
        description: data set, image size and number of examples, for every table's title; arguments
            stand in braces.
        metrics: the metrics of an evaluation.
        metric: the metric a study optimises unless its file says otherwise.
        goal: which direction of `metric` is better.
        target: the value that counts as reached unless the file says otherwise.
        batch_size: examples a step unless the file says otherwise.
        steps: of a run, in the file that `init` prints.
        eval_every: steps between evaluations there.
        arguments: what the file's `args` may set; None leaves the check to the factory.
        rule: what they must fulfil together.
        files: what the files that they name must fulfil.
        smooths_labels: whether its loss knows label smoothing.
        examples: size of each split, where it is known.
    """

    factory: str
    description: str
    metrics: tuple[str, ...] = CLASSIFICATION_METRICS
    metric: str = "valid_accuracy"
    goal: Goal = Goal.MAXIMIZE
    target: float | None = 0.97
    batch_size: int = 512
    steps: int = 40
    eval_every: int = 5
    arguments: Mapping[str, Argument] | None = None
    rule: Rule = no_rule
    files: Rule = no_rule
    smooths_labels: bool = True
    examples: Mapping[str, int] = field(default_factory=dict)

    def resolution(self, metric: str) -> float | None:
        """What one example is worth in an accuracy; None where that is unknown, or for a loss."""
        split, _, kind = metric.partition("_")
        count = self.examples.get(split)
        return 1 / count if count and kind == "accuracy" else None

    def complete(self, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[ArgumentProblem]]:
        """All arguments, and what is wrong with those given; see `arguments.complete`."""
        if self.arguments is None:
            return dict(given), []
        return complete(self.arguments, given, self.rule)

    def describe(self, arguments: Mapping[str, Any]) -> str:
        """The description with these arguments, and the defaults of the others."""
        return self.description.format(**self.complete(arguments)[0])


_DIGITS_EXAMPLES = {"train": 1078, "valid": 359, "test": 360}
DIGITS = "scikit-learn's digits, 8x8 grey images, n = 1,797 (train 1,078, validation 359, test 360)"

WORKLOADS: dict[str, WorkloadEntry] = {
    "resnet_digits": WorkloadEntry(
        "shampoo_tune.workloads.resnet:resnet_digits",
        f"ResNet-8 (width 16) on {DIGITS}",
        arguments={},
        examples=_DIGITS_EXAMPLES,
    ),
    "mlp_digits": WorkloadEntry(
        "shampoo_tune.workloads.mlp:mlp_digits",
        f"MLP (two layers of 128) on {DIGITS}",
        arguments={},
        examples=_DIGITS_EXAMPLES,
    ),
    "imagenet_resnet50": WorkloadEntry(
        "shampoo_tune.workloads.imagenet_resnet50:imagenet_resnet50",
        "ResNet-50 v1.5 on ImageNet as MLPerf has it (train 1,281,167, validation 50,000)",
        metrics=("train_loss", "valid_loss", "valid_accuracy"),
        target=0.75902,  # 37,951 images; strictly more than MLPerf's 0.759
        batch_size=32_768,
        steps=2512,
        eval_every=157,
        arguments=RESNET50_ARGUMENTS,
        rule=check_precision,
        examples={"train": 1_281_167, "valid": 50_000},
    ),
    "transformer_lm": WorkloadEntry(
        "shampoo_tune.workloads.transformer:transformer_lm",
        "Decoder-only transformer ({layers} layers of width {width}, {heads} heads, context"
        " {context}) on the characters of {text} (train 90 %, validation 5 %, test 5 %)",
        metrics=LOSSES,
        metric="valid_loss",
        goal=Goal.MINIMIZE,
        target=2.65,
        batch_size=16,
        steps=100,
        eval_every=25,
        arguments=TRANSFORMER_ARGUMENTS,
        rule=check_heads,
        files=check_text,
    ),
    "quadratic": WorkloadEntry(
        "shampoo_tune.workloads.quadratic:quadratic",
        "Quadratic function of a {rows} x {columns} matrix, condition number {condition:g},"
        " deviation {noise:g} of an example's gradient",
        metrics=LOSSES,
        metric="valid_loss",
        goal=Goal.MINIMIZE,
        target=None,
        batch_size=16,
        arguments={
            "rows": Argument(int, "of the matrix", 16, low=1),
            "columns": Argument(int, "of the matrix", 8, low=1),
            "condition": Argument(float, "greatest by least curvature", 100.0, low=1),
            "noise": Argument(float, "deviation of an example's gradient", 0.0, low=0),
        },
        smooths_labels=False,
    ),
}


def make_workload(
    name: str, batch_size: int, label_smoothing: float = 0.0, **arguments: Any
) -> "Workload":
    """Build a workload; imports JAX.

    Args:
        name: a key of `WORKLOADS`.
        batch_size: examples a step.
        label_smoothing: of the training loss.
        arguments: the workload's own; those left out have their defaults.

    Raises:
        InvalidInputError: an unknown name, what cannot be built, or a workload of another package
            that is broken.
    """
    if name not in WORKLOADS:
        smoothing = {"label_smoothing": label_smoothing} if label_smoothing else {}
        return _make_installed(name, batch_size, **arguments, **smoothing)
    entry = WORKLOADS[name]
    if wrong := list(_wrong(entry, label_smoothing, arguments)):
        raise InvalidInputError(f"workload {name}: {'; '.join(wrong)}")
    loss = {"label_smoothing": label_smoothing} if entry.smooths_labels else {}
    module, _, function = entry.factory.partition(":")
    factory = getattr(importlib.import_module(module), function)
    workload: Workload = factory(batch_size, **entry.complete(arguments)[0], **loss)
    return workload


def _wrong(
    entry: WorkloadEntry, label_smoothing: float, arguments: Mapping[str, Any]
) -> Iterator[str]:
    for name in arguments:
        if entry.arguments is not None and name not in entry.arguments:
            known = ", ".join(entry.arguments) or "none"
            yield f"unknown argument {name!r} (known: {known})"
    yield from map(str, entry.complete(arguments)[1])
    if label_smoothing and not entry.smooths_labels:
        yield "there are no labels to smooth"


def _make_installed(name: str, batch_size: int, **arguments: Any) -> "Workload":
    from shampoo_tune.workloads.installed import installed

    if name not in installed():
        known = ", ".join([*WORKLOADS, *installed()])
        raise InvalidInputError(f"unknown workload {name!r} (known: {known})")
    from shampoo_tune.workloads.building import build_installed

    return build_installed(name, batch_size, **arguments)
