"""Best of k drawn: boxes for one study, lines with bands for several."""

from collections.abc import Sequence

from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.report.best_of_k import BestOfKView
from shampoo_tune.tuner.report.drawing.frame import (
    Frame,
    line,
    log_axis,
    target_line,
    value_axis,
)
from shampoo_tune.tuner.report.drawing.legend import arm_class, legend
from shampoo_tune.tuner.report.drawing.marks import band, bar, dots, polyline
from shampoo_tune.tuner.report.drawing.svg import image
from shampoo_tune.tuner.report.window import Window, union

_SIZE = (350, 230)
_WIDE = (720, 270)
_HALF_BOX = 4.0


def draw_boxes(view: BestOfKView) -> str:
    """One study: a box for every k, and the best of the first k of the design."""
    frame = _frame([view], view.trials, _SIZE, f"{view.study}: {view.metric}")
    elements = [*frame.axes(), *target_line(frame, view.target, view.window)]
    across, up = frame.across(view.ks), frame.up(view.quantiles)
    for place, k in enumerate(view.ks.tolist()):
        grey = " grey" if 2 * k > view.trials else ""
        tip = f"best of {k}: median {show_value(float(view.quantiles[place, 2]), view.resolution)}"
        elements += _box(float(across[place]), up[place].tolist(), grey, tip)
    elements.append(polyline(across, frame.up(view.in_order), "line prefix"))
    title = f"{view.study}: best {view.metric} of k trials"
    return image(_SIZE, title, f"boxes for k up to {view.trials}", elements)


def draw_compared(views: Sequence[BestOfKView]) -> str:
    """Several studies at the same k: medians with their middle halves, a colour an arm."""
    largest = min(view.trials for view in views)
    frame = _frame(views, largest, _WIDE, views[0].metric)
    arms = list(dict.fromkeys(view.arm for view in views))
    elements = [*frame.axes(), *target_line(frame, views[0].target, _window(views))]
    for view in views:
        shown = view.ks <= largest
        across, up = frame.across(view.ks[shown]), frame.up(view.quantiles[shown])
        kind = arm_class(arms.index(view.arm))
        elements.append(band(across, up[:, 1], up[:, 3], f"band {kind}"))
        elements.append(polyline(across, up[:, 2], f"line {kind}"))
        elements += dots(across, up[:, 2], f"dot {kind}")
    row, height = legend([(arm_class(i), arm) for i, arm in enumerate(arms)], _WIDE)
    title = f"best {views[0].metric} of k trials by arm"
    description = f"{len(views)} studies, k from 1 to {largest}"
    return image((_WIDE[0], _WIDE[1] + height), title, description, elements + row)


def _window(views: Sequence[BestOfKView]) -> Window | None:
    return union([view.window for view in views])


def _frame(views: Sequence[BestOfKView], largest: int, size: tuple[int, int], label: str) -> Frame:
    x = log_axis(1, max(2, largest), "trials k (log)", room=size[0] // 9)
    return Frame(x, value_axis(_window(views), label), size)


def _box(x: float, up: list[float], grey: str, tip: str) -> list[str]:
    lowest, low, middle, high, highest = up
    top, bottom = min(low, high), max(low, high)
    return [
        line(x, lowest, x, highest, f"whisker{grey}"),
        bar(x - _HALF_BOX, top, 2 * _HALF_BOX, bottom - top, f"box{grey}", tip),
        line(x - _HALF_BOX, middle, x + _HALF_BOX, middle, f"middle{grey}"),
    ]
