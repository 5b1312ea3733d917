"""What a study has shown so far, in a sentence that stands first on its page."""

from dataclasses import dataclass

import numpy as np

from shampoo_tune.tuner.comparison.table import study_row
from shampoo_tune.tuner.comparison.verdict import alone
from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.report.ranking import best_first
from shampoo_tune.tuner.report.standing import Standing, standing
from shampoo_tune.tuner.samplers import ADAPTIVE_SAMPLERS
from shampoo_tune.tuner.study_data import StudyData


@dataclass(frozen=True)
class StudyVerdict:
    """The sentence, and how its median stands to the target."""

    study: str
    sentence: str
    standing: Standing


def study_verdict(study: StudyData, failed: int = 0, replicates: int = 1) -> StudyVerdict:
    """The verdict on a study, whatever its state.

    Args:
        study: its data.
        failed: its runs that came to no verdict.
        replicates: studies of the same arm.
    """
    if not study.complete or not len(study.final):
        return StudyVerdict(study.name, _unfinished(study, failed), Standing.PENDING)
    row = study_row(study)
    ends = (row.interval.low, row.interval.high) if row.interval else (None, None)
    low, high = (_finite(end) for end in ends)
    shown = standing(low, high, study.target, study.goal, complete=True)
    sentence = alone(study, row, replicates)
    if study.sampler in ADAPTIVE_SAMPLERS:
        sentence += " Later points were chosen by earlier values, so no search can be compared."
    return StudyVerdict(study.name, sentence, shown)


def _unfinished(study: StudyData, failed: int) -> str:
    if failed:
        runs = "1 run" if failed == 1 else f"{failed} runs"
        return (
            f"No verdict: {runs} failed, which says nothing of the points and blocks the study "
            "until they are repeated."
        )
    # Between two phases no run is queued, so that the state alone says nothing.
    searched = len(study.searched) == study.trials
    if searched and not np.isfinite(study.search).any():
        return "No verdict: the search found no feasible trial."
    return f"{_BEGIN.get(study.state, 'No verdict yet')}: {_how_far(study)}"


_BEGIN = {"cancelled": "No verdict, the group was cancelled", "paused": "No verdict yet, paused"}


def _how_far(study: StudyData) -> str:
    searched, final = len(study.searched), int((~np.isnan(study.final)).sum())
    if not searched:
        return f"none of the {study.trials} trials has a result."
    if len(study.final):
        return (
            f"{final} of {study.seeds} final seeds are in, and no median is given before all are, "
            "for those that end first are not a fair sample."
        )
    if study.finalist_values:
        known = sum(int((~np.isnan(values)).sum()) for values in study.finalist_values.values())
        of = len(study.finalist_values) * study.finalist_seeds
        return f"the search is done, and {known} of {of} runs of the finalists are in."
    if searched == study.trials:
        return "the search is done, and its best trials are to be run again with fresh seeds."
    text = f"{searched} of {study.trials} trials have their search value"
    best = best_first(study.search, study.goal)
    if not len(best):
        return f"{text}, all infeasible so far."
    value = show_value(float(study.search[best[0]]), study.resolution)
    return f"{text}; the best is {value} by one seed, which flatters it."


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None
