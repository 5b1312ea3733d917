"""Both levels of interval drawn: a line a study, and behind them the bar of their arm."""

import math

import numpy as np

from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.report.drawing.frame import Axis, Frame, line, upright_target, value_axis
from shampoo_tune.tuner.report.drawing.legend import arm_class
from shampoo_tune.tuner.report.drawing.marks import bar, crosses, dots
from shampoo_tune.tuner.report.drawing.svg import image
from shampoo_tune.tuner.report.two_levels import ArmLevels, Level, TwoLevelsView, show_interval

_WIDTH, _AROUND = 720, 60
_LINE = 13  # pixels from one study to the next
_BETWEEN = 2.0  # lines from the last study of an arm to the first of the next


def draw_two_levels(view: TwoLevelsView) -> str:
    """All arms below each other."""
    heights = [len(arm.studies) + _BETWEEN for arm in view.arms]
    tops = sum(heights) - np.cumsum([0.0, *heights[:-1]])
    middles = tops - np.array(heights) / 2
    names = zip(middles.tolist(), (arm.arm for arm in view.arms), strict=True)
    y = Axis(0.0, float(sum(heights)), tuple(names), "", lines=False)
    size = (_WIDTH, _AROUND + round(_LINE * sum(heights)))
    frame = Frame(value_axis(view.window, view.metric), y, size)
    elements = [*frame.axes(), *upright_target(frame, view.target, view.window)]
    for place, (arm, top) in enumerate(zip(view.arms, tops.tolist(), strict=True)):
        lines = frame.up(top - _BETWEEN / 2 - 0.5 - np.arange(len(arm.studies)))
        elements += _arm(arm, view, frame, lines.tolist(), arm_class(place))
    title = f"{view.metric} over seeds and over studies"
    return image(size, title, "; ".join(_describe(arm, view) for arm in view.arms), elements)


def _arm(
    arm: ArmLevels, view: TwoLevelsView, frame: Frame, lines: list[float], kind: str
) -> list[str]:
    """The bar first, so that it lies behind the studies."""
    over, elements = arm.over_studies, []
    top, height = lines[0] - _LINE, lines[-1] - lines[0] + 2 * _LINE
    if over.low is not None and over.high is not None:
        low, high = frame.across([over.low, over.high]).tolist()
        tip = _words(over, view)
        elements.append(bar(low, top, max(2.0, high - low), height, f"interval {kind}", tip))
        x = float(frame.across(over.estimate))
        elements.append(line(x, top, x, top + height, f"median {kind}"))
    for level, y in zip(arm.studies, lines, strict=True):
        elements += _study(level, view, frame, y, kind)
    return elements


def _study(level: Level, view: TwoLevelsView, frame: Frame, y: float, kind: str) -> list[str]:
    elements, place = [], (frame.across([level.estimate]), np.array([y]))
    if level.low is not None and level.high is not None:
        low, high = frame.across([level.low, level.high]).tolist()
        elements.append(line(low, y, high, y, f"whisker {kind}"))
    if math.isinf(level.estimate):
        return elements + crosses(*place, [_words(level, view)])
    return elements + dots(*place, f"dot top {kind}", [_words(level, view)])


def _words(level: Level, view: TwoLevelsView) -> str:
    value, interval = (
        show_value(level.estimate, view.resolution),
        show_interval(level, view.resolution),
    )
    return f"{level.name}: {value} {interval}"


def _describe(arm: ArmLevels, view: TwoLevelsView) -> str:
    return f"{arm.arm}, {_words(arm.over_studies, view)}"
