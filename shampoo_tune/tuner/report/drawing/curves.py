"""The training curves drawn: a panel a metric, a colour a trial."""

import numpy as np

from shampoo_tune.tuner.report.curves import CurvePanel, CurvesView
from shampoo_tune.tuner.report.drawing.frame import Frame, count_axis, value_axis
from shampoo_tune.tuner.report.drawing.legend import arm_class, legend
from shampoo_tune.tuner.report.drawing.marks import dots, polyline
from shampoo_tune.tuner.report.drawing.svg import image

_SIZE = (350, 220)
_CROWD = 8  # more curves than this are thin


def draw_curves(view: CurvesView) -> list[str]:
    """One drawing a metric."""
    return [_draw(view, panel) for panel in view.panels]


def _draw(view: CurvesView, panel: CurvePanel) -> str:
    first = min(int(curve.steps[0]) for curve in panel.curves)
    x = count_axis(first, view.steps, "step")
    frame = Frame(x, value_axis(panel.window, panel.metric), _SIZE)
    elements = frame.axes()
    width = " thin" if len(panel.curves) > _CROWD else ""
    for curve, best in zip(panel.curves, panel.best, strict=True):
        kind = arm_class(view.trials.index(curve.trial))
        across, up = frame.across(curve.steps), frame.up(curve.values)
        elements.append(polyline(across, up, f"line {kind}{width}"))
        tip = f"trial {curve.trial}: {curve.values[best]:.4g} at step {curve.steps[best]}"
        place = np.array([best])
        elements += dots(across[place], up[place], f"dot {kind}", [tip], radius=3.5)
    names = [(arm_class(place), f"trial {trial}") for place, trial in enumerate(view.trials)]
    row, height = legend(names if len(names) > 1 else (), _SIZE)
    title = f"{view.study}: {panel.metric} by step"
    description = f"the best {len(view.trials)} trials"
    return image((_SIZE[0], _SIZE[1] + height), title, description, elements + row)
