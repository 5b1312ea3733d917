"""One row per arm: everything that a reader needs to judge it by."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median as middle

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.tuner.comparison.contender import Contender
from shampoo_tune.tuner.comparison.space_size import decades
from shampoo_tune.tuner.statistics.best_of_k import TABLE_KS, best_of_k
from shampoo_tune.tuner.statistics.medians import Interval, median, median_interval
from shampoo_tune.tuner.statistics.over_studies import OverStudies, study_interval
from shampoo_tune.tuner.statistics.target import TargetVerdict, target_verdict
from shampoo_tune.tuner.study_data import StudyData


@dataclass(frozen=True)
class StudyRow:
    """What one replicate came to; None where it is unknown or falls on an infeasible run.

    Attributes:
        study: its name.
        trial: the winner.
        search_value: the winner's, by one seed and chosen for it.
        finalist_median: the winner's, over the finalists' seeds.
        final_median: over the final seeds.
        interval: 95 % interval of the final median, over seeds.
        target: how many seeds reach the target, and what that shows.
        test_median: of the test split's metric, over the final seeds.
        first_crossing: median over seeds of the first evaluated step at or past the target.
    """

    study: str
    trial: int | None
    search_value: float | None
    finalist_median: float | None
    final_median: float | None
    interval: Interval | None
    target: TargetVerdict | None
    test_median: float | None
    first_crossing: float | None


@dataclass(frozen=True)
class ArmRow:
    """One arm.

    Attributes:
        arm: its name.
        optimizer: what it trains with.
        replication: whether the file names points of its own.
        dimensions: number of tuned parameters.
        decades: log10 of the volume of its space, see `space_size`.
        trials: points searched in each study.
        infeasible: how many of them, over all studies.
        best_of: k -> median of the best search value among k of the trials, a mean over studies;
            None withheld or infeasible.
        studies: a row for each replicate.
        over_studies: the mean of the studies' medians with its interval; None unless complete.
        steps: of a run.
        step_seconds: median measured seconds of a training step.
        device: that they were measured on.
        optimizer_state_bytes: memory of the optimizer's state.
    """

    arm: str
    optimizer: str
    replication: bool
    dimensions: int
    decades: float
    trials: int
    infeasible: int
    best_of: dict[int, float | None]
    studies: tuple[StudyRow, ...]
    over_studies: OverStudies | None
    steps: int
    step_seconds: float | None
    device: str
    optimizer_state_bytes: float | None


def arm_row(contender: Contender, largest_k: int) -> ArmRow:
    """The row of an arm, best-of-k up to `largest_k` trials."""
    first = contender.first
    finished = contender.complete and contender.judged
    infeasible = sum(int((study.search == study.worst).sum()) for study in contender.studies)
    return ArmRow(
        arm=contender.name,
        optimizer=first.optimizer,
        replication=first.replication,
        dimensions=len(first.space.dimensions),
        decades=decades(first.space),
        trials=first.trials,
        infeasible=infeasible,
        best_of={} if contender.adaptive else _best_of(contender.studies, largest_k),
        studies=tuple(study_row(study) for study in contender.studies),
        over_studies=study_interval(contender.final_medians) if finished else None,
        steps=first.steps,
        step_seconds=_middle([cost.step_seconds for cost in contender.costs]),
        device=contender.facts("device_kinds"),
        optimizer_state_bytes=_middle([cost.optimizer_state_bytes for cost in contender.costs]),
    )


def study_row(study: StudyData) -> StudyRow:
    """What one replicate came to so far; medians only once all their seeds have a verdict."""
    winner, final = study.winner, study.final
    done = _all_known(final)
    finalist = study.finalist_values.get(-1 if winner is None else winner, np.array([]))
    judged = done and study.target is not None
    return StudyRow(
        study=study.name,
        trial=winner,
        search_value=None if winner is None else finite(study.search[winner]),
        finalist_median=finite(median(finalist)) if _all_known(finalist) else None,
        final_median=finite(median(final)) if done else None,
        interval=median_interval(final) if done else None,
        target=target_verdict(final, study.target, study.goal) if judged else None,  # type: ignore[arg-type]
        test_median=finite(median(study.final_test)) if _all_known(study.final_test) else None,
        first_crossing=finite(median(study.steps_to_target)) if judged else None,
    )


def finite(value: float) -> float | None:
    """The value, or None for what is infinite or not known."""
    return float(value) if math.isfinite(value) else None


def _all_known(values: NDArray[np.float64]) -> bool:
    return bool(len(values)) and not np.isnan(values).any()


def _best_of(studies: Sequence[StudyData], largest_k: int) -> dict[int, float | None]:
    curve = {}
    for k in (k for k in TABLE_KS if k <= largest_k):
        if any(len(study.searched) < k for study in studies):
            continue
        medians = [_median_of_best(study, k) for study in studies]
        curve[k] = finite(sum(medians) / len(medians))
    return curve


def _median_of_best(study: StudyData, k: int) -> float:
    return float(best_of_k(study.searched, k, study.goal, quantiles=(0.5,)).quantiles[0])


def _middle(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return middle(known) if known else None
