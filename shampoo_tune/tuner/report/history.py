"""V2, history: every search value in the order of the design, and the best so far."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.study import Goal
from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.report.absence import NO_VERDICT, Absent
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.window import Window, value_window
from shampoo_tune.tuner.report.words import Words
from shampoo_tune.tuner.study_data import Array, StudyData

WORDS = Words(
    title="History",
    look=(
        "Points of a fixed design should scatter without a trend, and a best value found only at "
        "the very end says that more trials may find a better one."
    ),
    marks=(
        "Point: a trial; cross: infeasible, on the edge; line: the best so far; square: a point "
        "that the file gave."
    ),
)


@dataclass(frozen=True)
class HistoryView:
    """The search in the order of the design.

    Attributes:
        study: its name.
        metric: on the y axis.
        goal: which direction is better.
        target: what counts as reached, or None.
        resolution: what one example is worth, or None.
        planned: trials of the budget.
        enqueued: how many of the first trials were given by the file.
        trials: shape [n], numbers of the trials with a verdict.
        values: shape [n], infinite if infeasible.
        best_so_far: shape [n], infinite before the first feasible trial.
        window: the part of the y axis that is drawn.
    """

    study: str
    metric: str
    goal: Goal
    target: float | None
    resolution: float | None
    planned: int
    enqueued: int
    trials: NDArray[np.int64]
    values: Array
    best_so_far: Array
    window: Window | None


def history(study: StudyData) -> HistoryView | Absent:
    """The history of one study."""
    trials = np.flatnonzero(~np.isnan(study.search))
    if not len(trials):
        return Absent(study.name, NO_VERDICT)
    values = study.search[trials]
    accumulate = np.minimum if study.goal is Goal.MINIMIZE else np.maximum
    return HistoryView(
        study=study.name,
        metric=study.metric,
        goal=study.goal,
        target=study.target,
        resolution=study.resolution,
        planned=study.trials,
        enqueued=study.enqueued,
        trials=trials,
        values=values,
        best_so_far=accumulate.accumulate(values),
        window=value_window(values, study.goal, study.target),
    )


def improvements(view: HistoryView) -> Table:
    """The trials that were better than all before them."""
    best = view.best_so_far
    first = np.isfinite(best) & np.concatenate([[True], best[1:] != best[:-1]])
    rows = [
        (str(trial), show_value(value, view.resolution))
        for trial, value in zip(view.trials[first].tolist(), best[first].tolist(), strict=True)
    ]
    return Table(("trial", f"best {view.metric} so far"), tuple(rows))
