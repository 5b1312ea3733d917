"""A rectangle with two axes to draw in."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from shampoo_tune.tuner.report.drawing.svg import element, text
from shampoo_tune.tuner.report.drawing.ticks import log_candidates, nice_numbers, thin, tick_text
from shampoo_tune.tuner.report.parameter_axis import ParameterAxis
from shampoo_tune.tuner.report.window import Window
from shampoo_tune.tuner.study_data import Array

_TOP, _RIGHT, _BOTTOM = 22, 12, 38
_CHARACTER = 6.4  # width of a digit in the font that the tick texts are set in
_EDGE = 0.05  # of an axis, kept free at both ends so that marks are not cut


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`; what lies outside is placed on the nearer end.

    Attributes:
        low: at the left or bottom.
        high: at the right or top.
        ticks: (value, text).
        label: what is measured.
        log: whether equal factors are equal lengths.
        lines: whether ticks have lines across the frame.
    """

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    label: str
    log: bool = False
    lines: bool = True

    def place(self, values: ArrayLike) -> Array:
        """Where values lie between the ends, in [0, 1]; infinities on an end."""
        low, high, array = self.low, self.high, np.asarray(values, float)
        if self.log:
            low, high, array = np.log(low), np.log(high), np.log(array)
        return np.clip((array - low) / (high - low), 0.0, 1.0)


@dataclass(frozen=True)
class Frame:
    """Where the axes lie in a drawing.

    Attributes:
        x: from left to right.
        y: from the bottom up.
        size: width and height of the drawing in pixels.
        foot: height of a strip between the y axis and the x axis.
    """

    x: Axis
    y: Axis
    size: tuple[int, int]
    foot: int = 0

    @property
    def left(self) -> float:
        """Room for the longest text of the y axis."""
        return 14 + _CHARACTER * max([len(words) for _, words in self.y.ticks], default=0)

    @property
    def right(self) -> float:
        """The right edge."""
        return float(self.size[0] - _RIGHT)

    @property
    def top(self) -> float:
        """The upper edge."""
        return float(_TOP)

    @property
    def bottom(self) -> float:
        """The lower end of the y axis."""
        return self.floor - self.foot

    @property
    def floor(self) -> float:
        """Where the x axis lies."""
        return float(self.size[1] - _BOTTOM)

    def across(self, values: ArrayLike) -> Array:
        """Horizontal pixels of values of the x axis."""
        return self.left + self.x.place(values) * (self.right - self.left)

    def up(self, values: ArrayLike) -> Array:
        """Vertical pixels of values of the y axis."""
        return self.bottom - self.y.place(values) * (self.bottom - self.top)

    def axes(self) -> list[str]:
        """Lines, ticks and labels; the metric's name stands above its axis."""
        return [
            *(self._y_tick(value, words) for value, words in self.y.ticks),
            *(self._x_tick(value, words) for value, words in self.x.ticks),
            line(self.left, self.floor, self.right, self.floor, "axis"),
            text(0, 12, self.y.label, class_="label"),
            text(
                (self.left + self.right) / 2,
                self.size[1] - 4,
                self.x.label,
                class_="label",
                text_anchor="middle",
            ),
        ]

    def _x_tick(self, value: float, words: str) -> str:
        x = float(self.across(value))
        top = self.top if self.x.lines else self.floor
        return line(x, top, x, self.floor + 4, "grid") + text(
            x, self.floor + 16, words, class_="tick", text_anchor="middle"
        )

    def _y_tick(self, value: float, words: str) -> str:
        y = float(self.up(value))
        name = text(self.left - 6, y + 4, words, class_="tick", text_anchor="end")
        return (line(self.left, y, self.right, y, "grid") if self.y.lines else "") + name


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    """A straight line of a class."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def target_line(frame: Frame, target: float | None, window: Window | None) -> list[str]:
    """The target across the frame; nothing without a target or without values to compare."""
    if target is None or window is None:
        return []
    y = float(frame.up(target))
    name = target_name(frame, target, window)
    return [line(frame.left, y, frame.right, y, "target"), *name] if target in window else name


def upright_target(frame: Frame, target: float | None, window: Window | None) -> list[str]:
    """The same where values go from left to right."""
    if target is None or window is None:
        return []
    x = float(frame.across(target))
    name = target_name(frame, target, window)
    return [line(x, frame.top, x, frame.floor, "target"), *name] if target in window else name


def target_name(frame: Frame, target: float, window: Window) -> list[str]:
    """What the dashed line is, above the frame where no mark can hide it."""
    if target not in window:
        words = f"target {target:g}, off this axis"
        return [text(frame.right, 12, words, class_="tick", text_anchor="end")]
    words = f"target {target:g}"
    start = frame.right - 5.6 * len(words)
    return [
        line(start - 26, 8, start - 6, 8, "target"),
        text(frame.right, 12, words, class_="tick", text_anchor="end"),
    ]


def range_ends(frame: Frame, parameter: ParameterAxis) -> list[str]:
    """Lines at the ends of a parameter's range; choices have none."""
    if parameter.low is None:
        return []
    ends = frame.across([0.0, 1.0]).tolist()
    return [line(x, frame.top, x, frame.floor, "edge") for x in ends]


def value_axis(window: Window | None, label: str) -> Axis:
    """The axis of the metric with a margin at both ends; without any value it has no ticks."""
    if window is None:
        return Axis(0.0, 1.0, (), label)
    margin = _EDGE * (window.high - window.low)
    return number_axis(window.low, window.high, label, margin=margin)


def number_axis(
    low: float, high: float, label: str, *, margin: float = 0.0, about: int = 5
) -> Axis:
    """A linear axis with round ticks."""
    ticks = nice_numbers(low, high, about)
    digits = _decimals(ticks)
    shown = tuple((tick, f"{tick:.{digits}f}" if digits < 6 else tick_text(tick)) for tick in ticks)
    return Axis(low - margin, high + margin, shown, label)


def count_axis(low: int, high: int, label: str, *, margin: float = 0.0, about: int = 5) -> Axis:
    """A linear axis of whole numbers; at least one unit long."""
    last = max(high, low + 1)
    return number_axis(low, last, label, margin=margin, about=min(about, last - low))


def log_axis(low: float, high: float, label: str, room: int) -> Axis:
    """A logarithmic axis with its ends, powers of ten, and 2, 5 and 3 times them, if they fit.

    Args:
        low: the lowest value, positive.
        high: the highest.
        label: what is measured.
        room: how many characters the axis is long.
    """
    axis = Axis(low, high, (), label, log=True)
    values = (low, high, *log_candidates(low, high))
    fitting = thin([(float(axis.place(value)), tick_text(value)) for value in values], room)
    ticks = tuple((low * (high / low) ** place, words) for place, words in fitting)
    beyond = (high / low) ** _EDGE
    return Axis(low / beyond, high * beyond, ticks, label, log=True)


def unit_axis(parameter: ParameterAxis) -> Axis:
    """A parameter's whole range on its search scale, with a margin beside its ends."""
    scale = {"log": " (log)", "one_minus_log": " (1 - x, log)"}.get(parameter.scale, "")
    return Axis(-_EDGE, 1 + _EDGE, parameter.ticks, parameter.name + scale, lines=False)


def _decimals(ticks: Sequence[float]) -> int:
    """How many decimals tell the ticks apart."""
    texts = (f"{tick:.6f}".rstrip("0").partition(".")[2] for tick in ticks)
    return max(map(len, texts), default=0)
