"""V10, seed band: the metric over the steps, as spread over the final seeds."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.study import Goal
from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.measured_curves import Curve, MeasuredCurves
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.window import Window, value_window
from shampoo_tune.tuner.report.words import Words
from shampoo_tune.tuner.study_data import Array, StudyData, worst_value

WORDS = Words(
    title="Final seeds over the steps",
    look="A band that stays wide to the last step says that a single run tells little.",
    marks=(
        "Line: median over the final seeds at each evaluated step; bands: 50 % and 90 % of them; "
        "dotted: the search run that won."
    ),
)
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class SeedBandView:
    """Pointwise quantiles over the final seeds.

    Attributes:
        study: its name.
        arm: its arm.
        metric: on the y axis.
        goal: which direction is better.
        target: what counts as reached, or None.
        resolution: what one example is worth, or None.
        seeds: with a verdict.
        steps: shape [n], the evaluated steps.
        quantiles: shape [5, n]; a run that ended early counts as the worst value from there on.
        search: the winner's search run, or None.
        window: the part of the y axis that is drawn.
    """

    study: str
    arm: str
    metric: str
    goal: Goal
    target: float | None
    resolution: float | None
    seeds: int
    steps: NDArray[np.int64]
    quantiles: Array
    search: Curve | None
    window: Window | None


def seed_band(study: StudyData, curves: MeasuredCurves) -> SeedBandView | Absent:
    """The band of one study over all final seeds with a verdict."""
    seeds = int((~np.isnan(study.final)).sum())
    if not curves.final:
        return Absent(study.name, "no final run with a verdict has measured anything")
    steps = np.unique(np.concatenate([curve.steps for curve in curves.final]))
    values = _on_one_grid(curves.final, steps, seeds, study.goal)
    quantiles = np.quantile(values, QUANTILES, axis=0, method="inverted_cdf")
    # The middle of an even number is between two values, as everywhere; never between infinities.
    middle = np.sort(values, axis=0)[[(seeds - 1) // 2, seeds // 2]]
    with np.errstate(invalid="ignore"):
        quantiles[2] = np.where(middle[0] == middle[1], middle[0], middle.mean(axis=0))
    return SeedBandView(
        study=study.name,
        arm=study.arm,
        metric=study.metric,
        goal=study.goal,
        target=study.target,
        resolution=study.resolution,
        seeds=seeds,
        steps=steps,
        quantiles=quantiles,
        search=curves.winner,
        window=value_window(quantiles[:, len(steps) // 10 :], study.goal, study.target),
    )


def quantiles_table(view: SeedBandView) -> Table:
    """All evaluated steps."""
    rows = [
        (str(step), *(show_value(float(value), view.resolution) for value in column))
        for step, column in zip(view.steps.tolist(), view.quantiles.T, strict=True)
    ]
    return Table(("step", "5 %", "25 %", "median", "75 %", "95 %"), tuple(rows))


def _on_one_grid(
    curves: tuple[Curve, ...], steps: NDArray[np.int64], seeds: int, goal: Goal
) -> Array:
    """Shape [seeds, steps]; runs that measured nothing at a step count as the worst value."""
    values = np.full((max(seeds, len(curves)), len(steps)), worst_value(goal))
    for row, curve in enumerate(curves):
        values[row, np.searchsorted(steps, curve.steps)] = curve.values
    return values
