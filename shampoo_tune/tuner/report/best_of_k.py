"""V12, simulated budget: the best of k of the trials, over all subsets without replacement."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.study import Goal
from shampoo_tune.tuner.formatting import UNKNOWN, show_difference, show_value
from shampoo_tune.tuner.report.absence import NO_VERDICT, Absent, withheld
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.window import Window, value_window
from shampoo_tune.tuner.report.words import Words
from shampoo_tune.tuner.statistics.best_of_k import best_of_k
from shampoo_tune.tuner.study_data import Array, StudyData

WORDS = Words(
    title="Best of k trials",
    look=(
        "Where the boxes stop improving, more trials would have bought little, and tall boxes at "
        "the budget's k say that luck of the search decided much."
    ),
    marks=(
        "Box: 25 to 75 %; whisker: 5 to 95 %; stroke: median; line: the first k of the design. "
        "Grey: k above half of the trials, narrow because all subsets share most of theirs."
    ),
)
WORDS_COMPARED = Words(
    title="Best of k trials, studies compared",
    look=(
        "Compare studies at the same k, and only where their bands part; more tuned dimensions or "
        "decades need more trials for the same place."
    ),
    marks="Line: median over all subsets of k trials; band: 25 to 75 %.",
)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_LEADING = (1, 2, 3, 5, 7)
_MIDDLE = 2  # of QUANTILES


@dataclass(frozen=True)
class BestOfKView:
    """The best search value of k trials.

    Attributes:
        study: its name.
        arm: its arm.
        metric: what the values are of.
        goal: which direction is better.
        target: what counts as reached, or None.
        resolution: what one example is worth, or None.
        trials: how many the subsets are drawn from.
        enqueued: how many of them were given by the file.
        ks: shape [m], sizes of the subsets.
        expected: shape [m], mean of the best; infinite if any subset is infeasible.
        quantiles: shape [m, 5], the best's `QUANTILES`.
        in_order: shape [m], the best of the first k of the design.
        still_moves: how much the median changes from half of the trials to all of them.
        seeds_range: interquartile range over the final seeds, to judge it by; None if unknown.
        window: the part of the y axis that is drawn.
    """

    study: str
    arm: str
    metric: str
    goal: Goal
    target: float | None
    resolution: float | None
    trials: int
    enqueued: int
    ks: NDArray[np.int64]
    expected: Array
    quantiles: Array
    in_order: Array
    still_moves: float | None
    seeds_range: float | None
    window: Window | None


def budget_sizes(trials: int) -> list[int]:
    """1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100, ... up to `trials`, which is the last."""
    tens = [int(factor * 10**power) for power in range(1, 7) for factor in (1, 1.5, 2, 3, 5, 7.5)]
    return [*(k for k in (*_LEADING, *tens) if k < trials), trials]


def simulated_budget(study: StudyData) -> BestOfKView | Absent:
    """The best of k of one study's trials with a verdict."""
    if (absent := withheld(study)) is not None:
        return absent
    values = study.searched
    if not len(values):
        return Absent(study.name, NO_VERDICT)
    ks = budget_sizes(len(values))
    results = [best_of_k(values, k, study.goal, quantiles=QUANTILES) for k in ks]
    quantiles = np.array([result.quantiles for result in results], float)
    accumulate = np.minimum if study.goal is Goal.MINIMIZE else np.maximum
    return BestOfKView(
        study=study.name,
        arm=study.arm,
        metric=study.metric,
        goal=study.goal,
        target=study.target,
        resolution=study.resolution,
        trials=len(values),
        enqueued=study.enqueued,
        ks=np.array(ks),
        expected=np.array([_or_worst(r.expected, study) for r in results], float),
        quantiles=quantiles,
        in_order=accumulate.accumulate(values)[np.array(ks) - 1],
        still_moves=_still_moves(values, study.goal, float(quantiles[-1, _MIDDLE])),
        seeds_range=_seeds_range(study.final),
        window=value_window(quantiles, study.goal, study.target),
    )


def sizes_table(view: BestOfKView) -> Table:
    """All k."""
    headers = ("k", "5 %", "25 %", "median", "75 %", "95 %", "first k of the design")
    rows = [
        (str(k), *(show_value(float(value), view.resolution) for value in (*row, prefix)))
        for k, row, prefix in zip(view.ks.tolist(), view.quantiles, view.in_order, strict=True)
    ]
    return Table(headers, tuple(rows))


def moves(view: BestOfKView) -> str | None:
    """How much more trials still bought, beside what seeds alone change."""
    if view.still_moves is None:
        return None
    moved = show_difference(view.still_moves, view.resolution)
    text = f"From half of the trials to all of them the median moves by {moved}"
    if view.seeds_range is None:
        return f"{text}."
    spread = show_value(view.seeds_range, view.resolution)
    kind = "more" if abs(view.still_moves) > view.seeds_range else "no more"
    return f"{text}, {kind} than the interquartile range over the final seeds ({spread})."


def compared_table(views: Sequence[BestOfKView]) -> Table:
    """Medians of all studies at the sizes that all of them have, with their middle halves."""
    largest = min(view.trials for view in views)
    ks = [k for k in views[0].ks.tolist() if k <= largest]
    rows = [(view.study, *(_middle_half(view, k) for k in ks)) for view in views]
    return Table(("study", *(f"k = {k}" for k in ks)), tuple(rows))


def _middle_half(view: BestOfKView, k: int) -> str:
    quantiles = view.quantiles[view.ks == k]
    if not len(quantiles):
        return UNKNOWN
    _, low, middle, high, _ = (show_value(float(v), view.resolution) for v in quantiles[0])
    return f"{middle} [{low}, {high}]"


def _or_worst(expected: float | None, study: StudyData) -> float:
    return study.worst if expected is None else expected


def _still_moves(values: Array, goal: Goal, at_all: float) -> float | None:
    if len(values) < 2:
        return None
    half = best_of_k(values, len(values) // 2, goal, quantiles=(0.5,)).quantiles[0]
    moved = at_all - half
    return float(moved) if np.isfinite(moved) else None


def _seeds_range(final: Array) -> float | None:
    """Interquartile range by order statistics; None unless all seeds are known and it is finite."""
    if not len(final) or np.isnan(final).any():
        return None
    low, high = np.quantile(final, [0.25, 0.75], method="inverted_cdf")
    return float(high - low) if np.isfinite([low, high]).all() else None
