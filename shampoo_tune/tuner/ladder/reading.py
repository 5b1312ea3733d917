"""Reads the finished groups of a ladder and puts its result together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from shampoo_tune.errors import ConditionNotMetError
from shampoo_tune.storage import queries
from shampoo_tune.storage.database import open_existing
from shampoo_tune.storage.median_ranks import low_rank
from shampoo_tune.storage.results import Cost, cost_of
from shampoo_tune.study import Goal, RunState
from shampoo_tune.tuner.ladder.estimating import ArmEstimate, Estimator
from shampoo_tune.tuner.ladder.ratios import Crossings, compare_steps
from shampoo_tune.tuner.ladder.recorded import (
    RecordedLadder,
    recorded_ladder,
    recorded_ladders,
)
from shampoo_tune.tuner.ladder.result import ArmOnLadder, LadderResult, Over, UnfinishedLadder
from shampoo_tune.tuner.ladder.rung_result import ArmAtRung, StudyAtRung
from shampoo_tune.tuner.statistics.medians import Interval, median, median_interval
from shampoo_tune.tuner.statistics.over_studies import FEWEST_STUDIES
from shampoo_tune.tuner.statistics.two_level import percentile_interval
from shampoo_tune.tuner.study_data import StudyData
from shampoo_tune.tuner.study_loading import load_studies

Array = NDArray[np.float64]
Rungs = list[list[StudyData]]  # the studies of one arm: by rung, the smallest first, by replicate
_VERDICTS = (RunState.COMPLETED, RunState.INFEASIBLE)


def result_of(database_url: str, group_name: str) -> LadderResult:
    """What the ladder came to that a group is a rung of.

    Raises:
        NotFoundError: there is no such group.
        ConditionNotMetError: the group is no rung, or a rung is not finished.
    """
    with open_existing(database_url) as database, database.read() as connection:
        ladder = recorded_ladder(connection, group_name)
        if ladder is None:
            raise ConditionNotMetError(f"{group_name!r} is no rung of a ladder")
        found = read_result(connection, ladder)
    if isinstance(found, UnfinishedLadder):
        raise ConditionNotMetError(f"{found.reason}; the same command continues")
    return found


def read_ladders(
    connection: Connection, groups: Sequence[str]
) -> list[LadderResult | UnfinishedLadder]:
    """The results of all ladders that any of the groups is a rung of."""
    return [read_result(connection, ladder) for ladder in recorded_ladders(connection, groups)]


def read_result(connection: Connection, ladder: RecordedLadder) -> LadderResult | UnfinishedLadder:
    """What a ladder came to.

    Args:
        connection: a read transaction.
        ladder: all its groups exist, for they are created in one transaction.
    """
    budgets = sorted(ladder.groups)
    loaded = [load_studies(connection, ladder.groups[steps]) for steps in budgets]
    unfinished = [study.name for studies in loaded for study in studies if not study.complete]
    if unfinished:
        reason = f"not finished: {', '.join(unfinished)}"
        return UnfinishedLadder(ladder.name, ladder.groups, reason)
    names = list(dict.fromkeys(study.arm for study in loaded[-1]))
    arms = {
        name: [[study for study in studies if study.arm == name] for studies in loaded]
        for name in names
    }
    first = loaded[-1][0]
    over = interval_over(ladder.looks, len(arms[names[0]][0]))
    estimator = Estimator(budgets, _target(first), first.goal, ladder.looks)
    estimates = dict(zip(arms, _estimate(estimator, list(arms.values())), strict=True))
    runs = [(_verdicts(connection, study), study.steps) for studies in loaded for study in studies]
    return LadderResult(
        ladder=ladder.name,
        factor=ladder.factor,
        title=first.description,
        metric=first.metric,
        goal=first.goal,
        target=estimator.target,
        seeds=first.seeds,
        eval_every=first.eval_every,
        groups=ladder.groups,
        arms=tuple(
            _arm(name, rungs, estimates[name], over, cost_of(connection, rungs[-1][0].id))
            for name, rungs in arms.items()
        ),
        ratios=tuple(
            compare_steps([_crossings(estimator, *item) for item in estimates.items()], over)
        ),
        over=over,
        resolution=first.resolution,
        runs=sum(count for count, _ in runs),
        steps=sum(count * steps for count, steps in runs),
    )


def interval_over(looks: Sequence[int], studies: int) -> Over | None:
    """What an interval is over: seeds with one study, studies with enough of them."""
    if studies == 1:
        return None if low_rank(looks[0]) is None else "seeds"
    return "studies" if studies >= FEWEST_STUDIES else None


def _target(study: StudyData) -> float:
    """What is to be reached: a ladder is declared with a target or not at all."""
    if study.target is None:
        raise AssertionError("a ladder without a target cannot be declared")
    return study.target


def _estimate(estimator: Estimator, arms: Sequence[Rungs]) -> list[ArmEstimate]:
    looks = estimator.looks
    return estimator.estimate(
        [[[_values(s, looks) for s in rung] for rung in rungs] for rungs in arms]
    )


def _verdicts(connection: Connection, study: StudyData) -> int:
    """Runs that were trained to their verdict."""
    counts = queries.run_counts(connection, study.id)
    return sum(count for (_, state), count in counts.items() if state in _VERDICTS)


def _values(study: StudyData, looks: Sequence[int]) -> Array:
    """The final values; a study without a feasible trial counts as if all runs were infeasible."""
    return study.final if len(study.final) else np.full(looks[0], study.worst)


def _crossings(estimator: Estimator, arm: str, estimate: ArmEstimate) -> Crossings:
    return Crossings(
        arm=arm,
        value=estimate.steps,
        by_study=tuple(estimate.steps_by_study.tolist()),
        resampled=estimate.resampled_steps,
        smallest=float(estimator.budgets[0]),
        largest=float(estimator.budgets[-1]),
    )


def _arm(
    name: str, rungs: Rungs, estimate: ArmEstimate, over: Over | None, cost: Cost
) -> ArmOnLadder:
    at_rungs = [
        ArmAtRung(
            steps=studies[0].steps,
            group=studies[0].group,
            median=float(middle),
            interval=_median_interval(studies, drawn, over),
            fitted=float(fitted),
            studies=tuple(_study_at_rung(study) for study in studies),
        )
        for studies, middle, drawn, fitted in zip(
            rungs, estimate.medians, estimate.resampled_medians, estimate.fitted, strict=True
        )
    ]
    return ArmOnLadder(
        arm=name,
        steps_to_target=estimate.steps,
        interval=percentile_interval(estimate.resampled_steps) if over else None,
        by_study=tuple(estimate.steps_by_study.tolist()),
        rungs=tuple(reversed(at_rungs)),
        cost=cost,
    )


def _median_interval(
    studies: Sequence[StudyData], resampled: Array, over: Over | None
) -> Interval | None:
    """With one study the exact interval that `launch` shows too."""
    if len(studies) == 1:
        return median_interval(studies[0].final) if len(studies[0].final) else None
    return percentile_interval(resampled) if over else None


def _study_at_rung(study: StudyData) -> StudyAtRung:
    seeds = len(study.final)
    return StudyAtRung(
        study=study.name,
        seeds=seeds,
        reached=_reached(study),
        median=median(study.final) if seeds else study.worst,
        stopped=0 < seeds < study.seeds,
        first_crossing=median(study.steps_to_target) if seeds else np.inf,
    )


def _reached(study: StudyData) -> int:
    target = _target(study)
    reached = study.final >= target if study.goal is Goal.MAXIMIZE else study.final <= target
    return int(reached.sum())
