"""V8, training curves: the best trials' losses and metric over the steps."""

from dataclasses import dataclass

import numpy as np

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.absence import NONE_FEASIBLE, Absent
from shampoo_tune.tuner.report.measured_curves import Curve, MeasuredCurves
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.window import Window, value_window
from shampoo_tune.tuner.report.words import Words
from shampoo_tune.tuner.study_data import StudyData

WORDS = Words(
    title="Training curves of the best trials",
    look=(
        "A training loss that falls while validation worsens is overfitting, a curve that still "
        "improves at the end asks for more steps, a late zigzag for a lower final learning rate."
    ),
    marks="A colour is a trial; dot: its best step.",
)


@dataclass(frozen=True)
class CurvePanel:
    """One metric of the best trials.

    Attributes:
        metric: its name.
        goal: which direction is better.
        curves: of the trials that were evaluated, the best trial first.
        best: for each curve the place of its best value.
        window: the part of the y axis that is drawn.
    """

    metric: str
    goal: Goal
    curves: tuple[Curve, ...]
    best: tuple[int, ...]
    window: Window | None


@dataclass(frozen=True)
class CurvesView:
    """The best trials of one study, train and validation side by side."""

    study: str
    steps: int
    trials: tuple[int, ...]
    panels: tuple[CurvePanel, ...]


def training_curves(study: StudyData, curves: MeasuredCurves) -> CurvesView | Absent:
    """The training curves of one study's best trials."""
    panels = [
        _panel(metric, study.goal if metric == study.metric else goal_of(metric), measured)
        for metric, measured in curves.best.items()
        if measured
    ]
    if not panels:
        return Absent(study.name, NONE_FEASIBLE)
    trials = tuple(dict.fromkeys(curve.trial for curve in panels[-1].curves))
    return CurvesView(study.name, study.steps, trials, tuple(panels))


def goal_of(metric: str) -> Goal:
    """Accuracies are maximised, all else is a loss."""
    return Goal.MAXIMIZE if metric.endswith("accuracy") else Goal.MINIMIZE


def ends_table(view: CurvesView) -> Table:
    """For every trial and metric the value at the end and the best with its step."""
    headers = ("trial", "metric", "at the end", "best", "at step")
    rows = [
        (
            str(curve.trial),
            panel.metric,
            f"{curve.values[-1]:.4g}",
            f"{curve.values[best]:.4g}",
            str(curve.steps[best]),
        )
        for panel in view.panels
        for curve, best in zip(panel.curves, panel.best, strict=True)
    ]
    return Table(headers, tuple(rows), names=2)


def _panel(metric: str, goal: Goal, curves: tuple[Curve, ...]) -> CurvePanel:
    pick = np.argmin if goal is Goal.MINIMIZE else np.argmax
    return CurvePanel(
        metric=metric,
        goal=goal,
        curves=curves,
        best=tuple(int(pick(curve.values)) for curve in curves),
        window=value_window(np.concatenate([curve.values for curve in curves]), goal),
    )
