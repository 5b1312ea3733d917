"""Reads the finished groups of a ladder and puts its result together."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from shampoo_tune.errors import ConditionNotMetError
from shampoo_tune.storage.database import open_existing
from shampoo_tune.storage.median_ranks import low_rank
from shampoo_tune.storage.results import Cost
from shampoo_tune.study import Goal
from shampoo_tune.tuner.ladder.declaration import Ladder
from shampoo_tune.tuner.ladder.estimating import ArmEstimate, Estimator
from shampoo_tune.tuner.ladder.ratios import Crossings, compare_steps
from shampoo_tune.tuner.ladder.result import ArmOnLadder, LadderResult, Over
from shampoo_tune.tuner.ladder.rung_result import ArmAtRung, StudyAtRung
from shampoo_tune.tuner.ladder.running import summaries
from shampoo_tune.tuner.statistics.medians import Interval, median, median_interval
from shampoo_tune.tuner.statistics.over_studies import FEWEST_STUDIES
from shampoo_tune.tuner.statistics.two_level import percentile_interval
from shampoo_tune.tuner.study_data import StudyData
from shampoo_tune.tuner.study_loading import load_studies

Array = NDArray[np.float64]
Rungs = list[list[StudyData]]  # the studies of one arm: by rung, the smallest first, by replicate


def result_of(database_url: str, ladder: Ladder) -> LadderResult:
    """`read_result` for the address of a database."""
    with open_existing(database_url) as database, database.read() as connection:
        return read_result(connection, ladder)


def read_result(connection: Connection, ladder: Ladder) -> LadderResult:
    """What a ladder came to.

    Args:
        connection: a read transaction.
        ladder: as declared; all its groups exist.

    Raises:
        ConditionNotMetError: a rung is not finished.
    """
    loaded = [load_studies(connection, rung.group) for rung in reversed(ladder.rungs)]
    unfinished = [study.name for studies in loaded for study in studies if not study.complete]
    if unfinished:
        raise ConditionNotMetError(
            f"not finished: {', '.join(unfinished)}; the same command continues"
        )
    arms = {
        arm.name: [[study for study in studies if study.arm == arm.name] for studies in loaded]
        for arm in ladder.rungs[0].study.arms
    }
    groups = summaries(connection, ladder)
    known = [study for group in groups for study in group.studies]
    costs = {name: cost for group in groups for name, cost in group.costs.items()}
    first = loaded[-1][0]
    over = interval_over(ladder.looks, len(next(iter(arms.values()))[0]))
    estimates = dict(zip(arms, _estimate(ladder, first.goal, list(arms.values())), strict=True))
    return LadderResult(
        ladder=ladder.name,
        factor=ladder.factor,
        title=first.description,
        metric=first.metric,
        target=ladder.target,
        seeds=first.seeds,
        eval_every=first.eval_every,
        groups={rung.steps: rung.group for rung in ladder.rungs},
        arms=tuple(
            _arm(name, rungs, estimates[name], over, costs[rungs[-1][0].name])
            for name, rungs in arms.items()
        ),
        ratios=tuple(
            compare_steps([_crossings(ladder, *item) for item in estimates.items()], over)
        ),
        over=over,
        resolution=first.resolution,
        runs=sum(study.runs_done for study in known),
        steps=sum(study.runs_done * study.steps for study in known),
    )


def interval_over(looks: Sequence[int], studies: int) -> Over | None:
    """What an interval is over: seeds with one study, studies with enough of them."""
    if studies == 1:
        return None if low_rank(looks[0]) is None else "seeds"
    return "studies" if studies >= FEWEST_STUDIES else None


def _estimate(ladder: Ladder, goal: Goal, arms: Sequence[Rungs]) -> list[ArmEstimate]:
    budgets = [rung.steps for rung in reversed(ladder.rungs)]
    estimator = Estimator(budgets, ladder.target, goal, ladder.looks)
    return estimator.estimate(
        [[[_values(s, ladder.looks) for s in rung] for rung in rungs] for rungs in arms]
    )


def _values(study: StudyData, looks: Sequence[int]) -> Array:
    """The final values; a study without a feasible trial counts as if all runs were infeasible."""
    return study.final if len(study.final) else np.full(looks[0], study.worst)


def _crossings(ladder: Ladder, arm: str, estimate: ArmEstimate) -> Crossings:
    return Crossings(
        arm=arm,
        value=estimate.steps,
        by_study=tuple(estimate.steps_by_study.tolist()),
        resampled=estimate.resampled_steps,
        smallest=float(ladder.rungs[-1].steps),
        largest=float(ladder.rungs[0].steps),
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
            studies=tuple(_study_at_rung(study) for study in studies),
        )
        for studies, middle, drawn in zip(
            rungs, estimate.medians, estimate.resampled_medians, strict=True
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
    if study.target is None:
        raise AssertionError("a ladder without a target cannot be declared")
    if study.goal is Goal.MAXIMIZE:
        return int((study.final >= study.target).sum())
    return int((study.final <= study.target).sum())
