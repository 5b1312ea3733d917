"""A commented study file to begin with."""

from collections.abc import Iterator, Mapping, Sequence

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.allowed_values import nearest
from shampoo_tune.optimizer.config import OPTIMIZERS
from shampoo_tune.tuner.configuration import arm_options
from shampoo_tune.tuner.study_file.comments import comment_lines
from shampoo_tune.tuner.study_file.default_spaces import default_space
from shampoo_tune.tuner.study_file.meanings import option_meanings
from shampoo_tune.workloads import WorkloadEntry

# Trials: five for each dimension of the largest space, and each value of a choice about as often.
_BUDGET = (
    "The budget is the same for every arm; a run of each trial, then of the best ones, then the"
    " winner."
)
_COMMON = """\
search: {sampler: halton, seed: 0}
# Fractions are of the steps. An arm may set or tune any of them itself.
schedule: {name: warmup_polynomial, warmup_fraction: 0.1, decay_power: 2}
optimizers:"""


def template(
    workload: str, optimizers: Sequence[str], known_workloads: Mapping[str, WorkloadEntry]
) -> str:
    """The text of a study file with a first search space for each optimizer.

    Args:
        workload: a key of `known_workloads`.
        optimizers: keys of `OPTIMIZERS`, at least one; repeated ones count once.
        known_workloads: by name.

    Raises:
        InvalidInputError: an unknown name.
    """
    _require_known("workload", workload, known_workloads)
    for optimizer in optimizers:
        _require_known("optimizer", optimizer, OPTIMIZERS)
    entry = known_workloads[workload]
    target = "null" if entry.target is None else f"{entry.target:g}"
    lines = [
        *comment_lines(f"{entry.describe({})}."),
        *comment_lines(
            "Ranges that do not say otherwise were found on resnet_digits at batch size 512 and 40"
            " steps: elsewhere they are no more than a beginning, to be moved by `shampoo-tune"
            " refine`."
        ),
        "version: 1",
        f"name: {workload}",
        *_arguments(entry),
        f"workload: {{name: {workload}, batch_size: {entry.batch_size}}}",
        f"metric: {{name: {entry.metric}, goal: {entry.goal}, objective: final}}",
        f"target: {target}",
        *comment_lines(_BUDGET),
        f"budget: {{steps: {entry.steps}, trials: 25, finalists: 3, finalist_seeds: 5, seeds: 50,"
        f" eval_every: {entry.eval_every}}}",
        _COMMON,
    ]
    for optimizer in dict.fromkeys(optimizers):
        lines += _arm(workload, optimizer)
    return "\n".join(lines) + "\n"


def _arguments(entry: WorkloadEntry) -> Iterator[str]:
    if entry.arguments:
        told = (f"{name}: {a.default} ({a.meaning})" for name, a in entry.arguments.items())
        yield from comment_lines(f"Its args may set, by default {'; '.join(told)}.")


def _arm(workload: str, optimizer: str) -> Iterator[str]:
    space, meanings = default_space(workload, optimizer), option_meanings(optimizer)
    yield f"  {optimizer}:"
    yield from comment_lines(f"Ranges: {space.origin}.", indent=4)
    for name, value in space.parameters.items():
        if name in meanings:
            yield from comment_lines(f"{name}: {meanings[name]}", indent=4)
        yield f"    {name}: {value}"
    rest = [name for name in arm_options(optimizer) if name not in space.parameters]
    yield from comment_lines(f"Left to `schedule` and the defaults: {', '.join(rest)}.", indent=4)


def _require_known(what: str, name: str, known: Mapping[str, object]) -> None:
    if name not in known:
        raise InvalidInputError(f"unknown {what} {name!r}{nearest(name, known)}")
