"""The isolation plots drawn: the best of each bucket above, the bucket's trials as bars below."""

import numpy as np

from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.report.drawing.frame import (
    Frame,
    range_ends,
    target_line,
    unit_axis,
    value_axis,
)
from shampoo_tune.tuner.report.drawing.marks import bar, dots, polyline
from shampoo_tune.tuner.report.drawing.svg import image
from shampoo_tune.tuner.report.isolation import FEW, IsolationPanel, IsolationView

_SIZE = (350, 240)
_FOOT = 34


def draw_isolation(view: IsolationView) -> list[str]:
    """One drawing a tuned parameter."""
    return [_draw(view, panel) for panel in view.panels]


def _draw(view: IsolationView, panel: IsolationPanel) -> str:
    frame = Frame(unit_axis(panel.axis), value_axis(view.window, view.metric), _SIZE, _FOOT)
    elements = [
        *frame.axes(),
        *range_ends(frame, panel.axis),
        *target_line(frame, view.target, view.window),
        *_bars(panel, frame),
        *_points(view, panel, frame),
    ]
    title = f"{view.study}: the best {view.metric} by {panel.axis.name}"
    description = f"{len(panel.buckets)} buckets, bars count their trials"
    return image(_SIZE, title, description, elements)


def _bars(panel: IsolationPanel, frame: Frame) -> list[str]:
    largest = max((bucket.count for bucket in panel.buckets), default=0) or 1
    elements = []
    for bucket in panel.buckets:
        left, right = frame.across([bucket.low, bucket.high]).tolist()
        height = (_FOOT - 6) * bucket.count / largest
        tip = f"{bucket.count} trials, {bucket.feasible} feasible"
        elements.append(bar(left + 1, frame.floor - height, right - left - 2, height, "count", tip))
    return elements


def _points(view: IsolationView, panel: IsolationPanel, frame: Frame) -> list[str]:
    found = [b for b in panel.buckets if b.best_value is not None]
    across = frame.across(panel.places[~np.isnan(panel.places)])
    up = frame.up(np.array([bucket.best_value for bucket in found], float))
    elements = [] if panel.axis.low is None or not found else [polyline(across, up, "line thin")]
    for bucket, x, y in zip(found, across, up, strict=True):
        tip = f"trial {bucket.best_trial}: {show_value(bucket.best_value, view.resolution)}"
        kind = "dot hollow" if bucket.feasible < FEW else "dot top"
        elements += dots(np.array([x]), np.array([y]), kind, [tip], radius=4)
    return elements
