"""A ladder drawn: medians by budget over the target, and below them where the arms cross it."""

import math

import numpy as np

from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.ladder.result import ArmOnLadder, LadderResult
from shampoo_tune.tuner.ladder.rung_result import ArmAtRung
from shampoo_tune.tuner.report.drawing.frame import Axis, Frame, line, target_line, value_axis
from shampoo_tune.tuner.report.drawing.legend import arm_class, legend
from shampoo_tune.tuner.report.drawing.marks import bar, crosses, dots, polyline
from shampoo_tune.tuner.report.drawing.svg import image, text
from shampoo_tune.tuner.report.drawing.ticks import thin
from shampoo_tune.tuner.report.steps_to_target import show_steps, steps_and_interval
from shampoo_tune.tuner.report.window import value_window

_SIZE, _ROW = (720, 270), 18
_APART = 5.0  # pixels between the whiskers of two arms at one budget
_EDGE = 0.05  # of the axis, kept free at both ends


def draw_steps_to_target(result: LadderResult) -> str:
    """Medians of all rungs with their fits, a colour an arm; a row an arm below."""
    foot = _ROW * len(result.arms) + 10
    width, height = _SIZE[0], _SIZE[1] + foot
    values = np.array([end for arm in result.arms for rung in arm.rungs for end in _ends(rung)])
    finite = values[np.isfinite(values)].tolist()  # so few that none need lie on the edge
    window = value_window(values, result.goal, result.target, finite)
    y = value_axis(window, f"median {result.metric}")
    frame = Frame(_steps_axis(result), y, (width, height), foot)
    elements = [*frame.axes(), *target_line(frame, result.target, window)]
    elements.append(line(frame.left, frame.bottom, frame.right, frame.bottom, "grid"))
    for place, arm in enumerate(result.arms):
        kind, aside = arm_class(place), _APART * (place - (len(result.arms) - 1) / 2)
        elements += _medians(arm, result, frame, kind, aside)
        elements += _crossing(arm, result, frame, kind, frame.bottom + _ROW * (place + 0.8))
    names = [(arm_class(place), arm.arm) for place, arm in enumerate(result.arms)]
    row, more = legend(names, (width, height))
    title = f"{result.ladder}: median {result.metric} by steps of a run"
    found = "; ".join(f"{arm.arm} {steps_and_interval(result, arm)}" for arm in result.arms)
    return image((width, height + more), title, f"steps to the target: {found}", elements + row)


def _steps_axis(result: LadderResult) -> Axis:
    """Logarithmic, with a tick at every rung that has room for one."""
    low, high = min(result.groups), max(result.groups)
    beyond = (high / low) ** _EDGE
    axis = Axis(low / beyond, high * beyond, (), "", log=True)
    named = [(float(axis.place(steps)), str(steps)) for steps in result.groups]
    shown = {words for _, words in thin(named, _SIZE[0] // 9)}
    ticks = tuple((float(s), str(s)) for s in result.groups if str(s) in shown)
    return Axis(axis.low, axis.high, ticks, "steps of a run (log)", log=True)


def _ends(rung: ArmAtRung) -> list[float]:
    interval = rung.interval
    return [rung.median, *([interval.low, interval.high] if interval else [])]


def _medians(
    arm: ArmOnLadder, result: LadderResult, frame: Frame, kind: str, aside: float
) -> list[str]:
    """The fit, and each rung's median with its interval; a cross where it is infeasible."""
    steps = np.array([rung.steps for rung in arm.rungs], float)
    fitted = np.array([rung.fitted for rung in arm.rungs])
    known = np.isfinite(fitted)
    across = frame.across(steps)
    elements = []
    if known.any():
        elements.append(polyline(across[known], frame.up(fitted[known]), f"line {kind}"))
    for rung, x in zip(arm.rungs, (across + aside).tolist(), strict=True):
        place = np.array([x]), frame.up([rung.median])
        tip = f"{arm.arm}, {rung.steps} steps: {show_value(rung.median, result.resolution)}"
        if math.isinf(rung.median):
            elements += crosses(*place, [tip])
            continue
        if rung.interval is not None:
            low, high = frame.up([rung.interval.low, rung.interval.high]).tolist()
            elements.append(line(x, low, x, high, f"whisker {kind}"))
        hollow = "hollow " if rung.stopped else "top "
        elements += dots(*place, f"dot {hollow}{kind}", [tip], radius=3.5)
    return elements


def _crossing(
    arm: ArmOnLadder, result: LadderResult, frame: Frame, kind: str, y: float
) -> list[str]:
    """The interval of the steps to the target with the arm's name on its roomier side."""
    low, high = _span(arm)
    left, right, x = frame.across([low, high, arm.steps_to_target]).tolist()
    elements = []
    if arm.interval is not None:
        tip = f"{arm.arm}: {steps_and_interval(result, arm)}"
        elements.append(bar(left, y - 6, max(2.0, right - left), 12, f"interval {kind}", tip))
    inside = min(result.groups) < arm.steps_to_target < math.inf
    if inside:
        elements.append(line(x, y - 8, x, y + 8, f"median {kind}"))
    words = arm.arm if inside else f"{arm.arm}: {show_steps(result, arm.steps_to_target)}"
    if (left + right) / 2 > (frame.left + frame.right) / 2:
        return [*elements, text(left - 6, y + 4, words, class_="tick", text_anchor="end")]
    return [*elements, text(max(right, x) + 6, y + 4, words, class_="tick")]


def _span(arm: ArmOnLadder) -> tuple[float, float]:
    """What is drawn of an arm below the medians."""
    if arm.interval is None:
        return arm.steps_to_target, arm.steps_to_target
    return arm.interval.low, arm.interval.high
