"""What is allowed in a study file but probably not meant. A warning never stops a study."""

import dataclasses
from collections.abc import Iterator, Sequence

from shampoo_tune.study import Budget
from shampoo_tune.tuner.parameters import Choice, Range
from shampoo_tune.tuner.samplers import ADAPTIVE_SAMPLERS, WITHHELD
from shampoo_tune.tuner.study_file.arms import Arm
from shampoo_tune.workloads import WorkloadEntry

_TRIALS_PER_DIMENSION = 5
_TRIALS_PER_LEVEL = 5
_NARROW_LOG_RANGE = 2.0


def limit_finalists(budget: Budget) -> tuple[Budget, list[str]]:
    """The budget with no more finalists than trials."""
    if budget.finalists <= budget.trials:
        return budget, []
    warning = (
        f"budget.finalists: {budget.finalists} finalists of {budget.trials} trials;"
        f" {budget.trials} will be run"
    )
    return dataclasses.replace(budget, finalists=budget.trials), [warning]


def batch_warnings(batch_size: int, facts: WorkloadEntry) -> list[str]:
    """Of a batch that holds some examples twice."""
    known = facts.examples.get("train", batch_size)
    if batch_size <= known:
        return []
    return [
        f"workload.batch_size: {batch_size} is more than the {known} training examples, of which"
        " every batch has some twice"
    ]


def study_warnings(budget: Budget, sampler: str, arms: Sequence[Arm]) -> list[str]:
    """One sentence each, beginning with the key it is about."""
    warnings = []
    if budget.eval_every > budget.steps:
        warnings.append(
            f"budget.eval_every: {budget.eval_every} is more than {budget.steps} steps;"
            " only the last step is evaluated"
        )
    if sampler in ADAPTIVE_SAMPLERS:
        warnings.append(f"search.sampler: for exploration only: {WITHHELD}, and so is a verdict")
    for arm in arms:
        warnings += _arm_warnings(budget.trials, arm)
    return warnings


def _arm_warnings(trials: int, arm: Arm) -> Iterator[str]:
    dimensions = len(arm.space.dimensions)
    if trials < _TRIALS_PER_DIMENSION * dimensions:
        yield (
            f"optimizers.{arm.name}: {trials} trials for {dimensions} dimensions;"
            f" {_TRIALS_PER_DIMENSION * dimensions} or more would cover them"
        )
    distinct = arm.space.distinct_points
    if distinct is not None and distinct < trials:
        yield f"optimizers.{arm.name}: only {distinct} distinct points for {trials} trials"
    for parameter in arm.space.parameters:
        path, domain = f"optimizers.{arm.name}.{parameter.name}", parameter.domain
        if isinstance(domain, Choice) and trials < _TRIALS_PER_LEVEL * len(domain.values):
            yield (
                f"{path}: {trials} trials for {len(domain.values)} values;"
                f" {_TRIALS_PER_LEVEL * len(domain.values)} or more would try each often enough"
            )
        if isinstance(domain, Range) and _is_narrow(domain):
            yield f"{path}: a {domain.scale} range narrower than a factor of 2"


def _is_narrow(domain: Range) -> bool:
    if domain.scale == "log":
        return domain.high < _NARROW_LOG_RANGE * domain.low
    return domain.scale == "one_minus_log" and (
        1 - domain.low < _NARROW_LOG_RANGE * (1 - domain.high)
    )
