"""V3, axis plots: the search values over each tuned parameter's whole range."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.study import Goal
from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.parameters import Value
from shampoo_tune.tuner.report.absence import NO_VERDICT, Absent
from shampoo_tune.tuner.report.parameter_axis import ParameterAxis, parameter_axes, show_parameter
from shampoo_tune.tuner.report.ranking import best_first, top_count
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.window import Window, value_window
from shampoo_tune.tuner.report.words import Words
from shampoo_tune.tuner.study_data import Array, StudyData

WORDS = Words(
    title="Axis plots",
    look=(
        "The best tenth should lie inside each range: crowded at an end it asks for a wider range,"
        " crosses along an end show where training diverges, and good points everywhere say that "
        "the parameter hardly matters."
    ),
    marks=(
        "Filled: the best tenth; ring: the best; cross: infeasible, on the edge; dashed uprights: "
        "the ends of the range."
    ),
)


@dataclass(frozen=True)
class AxisPanel:
    """One parameter.

    Attributes:
        axis: its range and scale.
        units: shape [n], places on the axis by trial, to a millionth of its length; NaN where the
            parameter is inactive.
        values: natural values by trial; None where inactive.
    """

    axis: ParameterAxis
    units: Array
    values: tuple[Value, ...]


@dataclass(frozen=True)
class AxisPlotsView:
    """Search values by parameter.

    Attributes:
        study: its name.
        metric: on the y axis of all panels.
        goal: which direction is better.
        target: what counts as reached, or None.
        resolution: what one example is worth, or None.
        trials: shape [n], numbers of the trials with a verdict.
        values: shape [n], infinite if infeasible.
        reasons: trial -> why it is infeasible.
        top: numbers of the best tenth of the feasible trials, the best first.
        window: the part of the y axis that is drawn.
        panels: one a tuned parameter, in the order of the file.
    """

    study: str
    metric: str
    goal: Goal
    target: float | None
    resolution: float | None
    trials: NDArray[np.int64]
    values: Array
    reasons: Mapping[int, str]
    top: tuple[int, ...]
    window: Window | None
    panels: tuple[AxisPanel, ...]


def axis_plots(study: StudyData) -> AxisPlotsView | Absent:
    """The axis plots of one study."""
    trials = np.flatnonzero(~np.isnan(study.search))
    if not len(trials):
        return Absent(study.name, NO_VERDICT)
    order = best_first(study.search, study.goal)
    points = [study.points[trial] for trial in trials.tolist()]
    panels = tuple(
        AxisPanel(
            axis, study.units[trials, column].round(6), tuple([p.get(axis.name) for p in points])
        )
        for column, axis in enumerate(parameter_axes(study.space))
    )
    return AxisPlotsView(
        study=study.name,
        metric=study.metric,
        goal=study.goal,
        target=study.target,
        resolution=study.resolution,
        trials=trials,
        values=study.search[trials],
        reasons=study.reasons,
        top=tuple(order[: top_count(len(order))].tolist()),
        window=value_window(study.search[trials], study.goal, study.target),
        panels=panels,
    )


def trials_table(view: AxisPlotsView) -> Table:
    """All trials with their tuned parameters, the best first, infeasible ones last."""
    badness = view.values if view.goal is Goal.MINIMIZE else -view.values
    headers = ("trial", view.metric, *(panel.axis.name for panel in view.panels))
    columns = [panel.values for panel in view.panels]
    numbers = view.trials.tolist()
    rows = [
        (
            str(numbers[place]),
            _outcome(view, place, numbers[place]),
            *(_cell(column[place]) for column in columns),
        )
        for place in np.argsort(badness, kind="stable").tolist()
    ]
    return Table(headers, tuple(rows))


def _outcome(view: AxisPlotsView, place: int, trial: int) -> str:
    return view.reasons.get(trial) or show_value(float(view.values[place]), view.resolution)


def _cell(value: Value) -> str:
    return "inactive" if value is None else show_parameter(value)
