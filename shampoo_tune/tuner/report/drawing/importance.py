"""Importance drawn: a bar a parameter."""

from shampoo_tune.tuner.report.drawing.frame import Axis, Frame, number_axis
from shampoo_tune.tuner.report.drawing.marks import bar
from shampoo_tune.tuner.report.drawing.svg import image
from shampoo_tune.tuner.report.importance import ImportanceView

_WIDTH, _ROW, _AROUND = 350, 24, 60


def draw_importance(view: ImportanceView) -> str:
    """The bars as one drawing, the most important parameter on top."""
    count = len(view.parameters)
    names = tuple((float(count - row), name) for row, name in enumerate(view.parameters))
    size = (_WIDTH, _AROUND + _ROW * count)
    largest = max(float(view.shares.max()), 0.1)
    frame = Frame(
        number_axis(0, largest, "importance", about=3),
        Axis(0.4, count + 0.6, names, "", lines=False),
        size,
    )
    elements = frame.axes()
    for (place, _), share in zip(names, view.shares.tolist(), strict=True):
        y, right = float(frame.up(place)), float(frame.across(share))
        elements.append(bar(frame.left, y - 8, right - frame.left, 16, "count", f"{share:.2f}"))
    title = f"{view.study}: importance of its parameters"
    return image(size, title, f"{view.parameters[0]} matters most", elements)
