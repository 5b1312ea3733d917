"""The axis plots drawn: a panel a parameter, the same y axis in all."""

import numpy as np

from shampoo_tune.tuner.report.axis_plots import AxisPanel, AxisPlotsView
from shampoo_tune.tuner.report.drawing.frame import (
    Frame,
    range_ends,
    target_line,
    unit_axis,
    value_axis,
)
from shampoo_tune.tuner.report.drawing.marks import dots, rings
from shampoo_tune.tuner.report.drawing.outcomes import Chosen, of, outcomes, trial_tips
from shampoo_tune.tuner.report.drawing.svg import image

_SIZE = (350, 220)


def draw_axis_plots(view: AxisPlotsView) -> list[str]:
    """One drawing a tuned parameter."""
    tips = trial_tips(view.trials.tolist(), view.values, view.resolution, view.reasons)
    top = np.isin(view.trials, view.top)
    return [_draw(view, panel, tips, top) for panel in view.panels]


def _draw(view: AxisPlotsView, panel: AxisPanel, tips: list[str], top: Chosen) -> str:
    frame = Frame(unit_axis(panel.axis), value_axis(view.window, view.metric), _SIZE)
    across, up = frame.across(panel.units), frame.up(view.values)
    active = ~np.isnan(panel.units)
    elements = [
        *frame.axes(),
        *range_ends(frame, panel.axis),
        *target_line(frame, view.target, view.window),
        *outcomes(across, up, view.values, view.trials, tips, active & ~top),
    ]
    shown = top & active
    elements += dots(
        across[shown],
        up[shown],
        "dot top",
        of(tips, shown),
        trials=view.trials[shown],
    )
    best = active & (view.trials == view.top[0]) if view.top else np.zeros(len(active), bool)
    elements += rings(across[best], up[best])
    title = f"{view.study}: {view.metric} by {panel.axis.name}"
    description = f"{int(active.sum())} trials, the best {len(view.top)} filled"
    return image(_SIZE, title, description, elements)
