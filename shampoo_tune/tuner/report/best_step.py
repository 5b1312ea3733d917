"""V9, best step: when in its budget did each trial have its best value?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.tuner.report.absence import NONE_FEASIBLE, Absent
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.words import Words
from shampoo_tune.tuner.study_data import StudyData

WORDS = Words(
    title="Best step",
    look=(
        "Best values in the first tenth of the budget say that it is far too long, most of them in"
        " the last quarter that a longer one may help, though a schedule that decays to zero puts "
        "them there by itself."
    ),
    marks="Dashed uprights: 10 % and 75 % of the step budget.",
)
BINS = 20
EARLY, LATE = 0.1, 0.75


@dataclass(frozen=True)
class BestStepView:
    """A histogram of the best evaluated step over the step budget.

    Attributes:
        study: its name.
        steps: the step budget.
        counts: shape [BINS], feasible trials by their best step / steps in bins that are open to
            the left.
        feasible: their sum.
        early: share of them in the first 10 %.
        late: share of them after 75 %.
    """

    study: str
    steps: int
    counts: NDArray[np.int64]
    feasible: int
    early: float
    late: float


def best_steps(study: StudyData) -> BestStepView | Absent:
    """The best steps of one study's feasible trials."""
    feasible = np.isfinite(study.search) & np.isfinite(study.best_step)
    if not feasible.any():
        return Absent(study.name, NONE_FEASIBLE)
    steps = study.best_step[feasible]
    # Whole numbers, so that step 2 of 40 is in the first bin whatever 2 / 40 rounds to.
    places = np.clip(np.ceil(steps * BINS / study.steps).astype(int) - 1, 0, BINS - 1)
    return BestStepView(
        study=study.name,
        steps=study.steps,
        counts=np.bincount(places, minlength=BINS),
        feasible=int(feasible.sum()),
        early=float((steps <= EARLY * study.steps).mean()),
        late=float((steps > LATE * study.steps).mean()),
    )


def bins_table(view: BestStepView) -> Table:
    """Bins that hold a trial."""
    edges = np.arange(BINS + 1) * view.steps / BINS
    rows = [
        (f"({edges[place]:g}, {edges[place + 1]:g}]", str(count))
        for place, count in enumerate(view.counts.tolist())
        if count
    ]
    return Table(("best step", "trials"), tuple(rows))
