"""V7, importance: how much of what makes a trial good each parameter decides."""

from dataclasses import dataclass

import numpy as np

from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.words import Words
from shampoo_tune.tuner.statistics.importance import importance
from shampoo_tune.tuner.study_data import Array, StudyData

WORDS = Words(
    title="Importance",
    look=(
        "Long bars are parameters worth more trials or a narrower range, and one with hardly any "
        "bar may be fixed in the next round."
    ),
)
FEWEST = 20


@dataclass(frozen=True)
class ImportanceView:
    """PED-ANOVA over the feasible trials.

    Attributes:
        study: its name.
        parameters: names, the most important first.
        shares: shape [parameters], in the same order.
        feasible: trials that it rests on.
        left_out: share of the trials with a verdict that are infeasible.
    """

    study: str
    parameters: tuple[str, ...]
    shares: Array
    feasible: int
    left_out: float


def importances(study: StudyData) -> ImportanceView | Absent:
    """The parameters of one study by importance."""
    known = ~np.isnan(study.search)
    feasible = int(np.isfinite(study.search).sum())
    if feasible < FEWEST:
        return Absent(study.name, f"{feasible} feasible trials, fewer than {FEWEST}")
    shares = importance(study.units[known], study.search[known], study.goal)
    if shares is None:
        return Absent(study.name, "it cannot be computed from these trials")
    order = np.argsort(-shares, kind="stable")
    return ImportanceView(
        study=study.name,
        parameters=tuple(study.space.dimensions[place] for place in order.tolist()),
        shares=shares[order],
        feasible=feasible,
        left_out=1 - feasible / int(known.sum()),
    )


def shares_table(view: ImportanceView) -> Table:
    """All parameters."""
    rows = zip(view.parameters, (f"{share:.2f}" for share in view.shares), strict=True)
    return Table(("parameter", "importance"), tuple(rows))
