"""The final seeds drawn: a row a study, a point a seed, all over one axis."""

from collections.abc import Sequence

import numpy as np

from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.report.drawing.frame import Axis, Frame, line, upright_target, value_axis
from shampoo_tune.tuner.report.drawing.legend import arm_class
from shampoo_tune.tuner.report.drawing.marks import bar, crosses, diamond, dots, jitter, squares
from shampoo_tune.tuner.report.drawing.svg import image
from shampoo_tune.tuner.report.seeds import SeedsView
from shampoo_tune.tuner.report.window import union

_WIDTH, _NARROW, _ROW, _AROUND = 720, 440, 54, 60
_SPREAD = 13.0  # pixels that points are moved up or down so that they do not hide each other
_LONGEST_NAME = 26


def draw_seeds(views: Sequence[SeedsView]) -> str:
    """All studies of one metric as rows of a strip plot."""
    return _draw(views, tuple(_short(view.study) for view in views), _WIDTH)


def draw_seeds_of_one(view: SeedsView) -> str:
    """One study, whose name stands elsewhere."""
    return _draw([view], ("",), _NARROW)


def _draw(views: Sequence[SeedsView], texts: Sequence[str], width: int) -> str:
    window = union([view.window for view in views])
    x = value_axis(window, views[0].metric)
    names = tuple((float(len(views) - row), words) for row, words in enumerate(texts))
    y = Axis(0.4, len(views) + 0.6, names, "", lines=False)
    size = (width, _AROUND + _ROW * len(views))
    frame = Frame(x, y, size)
    elements = frame.axes()
    elements += upright_target(frame, views[0].target, window)
    arms = list(dict.fromkeys(view.arm for view in views))
    for view, (place, _) in zip(views, names, strict=True):
        y_pixels = float(frame.up(place))
        elements += _row(view, frame, y_pixels, arm_class(arms.index(view.arm)))
    title = f"{views[0].metric} of the final seeds by study"
    return image(size, title, "; ".join(map(_describe, views)), elements)


def _row(view: SeedsView, frame: Frame, y: float, kind: str) -> list[str]:
    across = frame.across(view.values)
    up = y + _SPREAD * jitter(len(view.values))
    feasible = np.isfinite(view.values)
    tips = [show_value(value, view.resolution) for value in view.values[feasible].tolist()]
    elements = _interval(view, frame, y, kind)
    elements += dots(across[feasible], up[feasible], f"dot seed {kind}", tips)
    elements += crosses(across[~feasible], up[~feasible], ["infeasible"] * view.infeasible)
    return elements + _before(view, frame, y)


def _interval(view: SeedsView, frame: Frame, y: float, kind: str) -> list[str]:
    elements = []
    if view.interval is not None:
        low, high = frame.across([view.interval.low, view.interval.high]).tolist()
        elements.append(bar(low, y - 18, max(2.0, high - low), 36, f"interval {kind}"))
    if view.median is not None:
        x = float(frame.across(view.median))
        elements.append(line(x, y - 21, x, y + 21, f"median {kind}"))
    return elements


def _before(view: SeedsView, frame: Frame, y: float) -> list[str]:
    """What the search and the finalists had promised."""
    elements = []
    if view.finalist_median is not None:
        tip = f"finalist median {show_value(view.finalist_median, view.resolution)}"
        place = np.array([float(frame.across(view.finalist_median))])
        elements += squares(place, np.array([y]), "finalist", [tip])
    if view.search_value is not None:
        tip = f"search value {show_value(view.search_value, view.resolution)}"
        elements.append(diamond(float(frame.across(view.search_value)), y, "search", tip))
    return elements


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"…{name[1 - _LONGEST_NAME :]}"


def _describe(view: SeedsView) -> str:
    middle = show_value(view.median, view.resolution)
    return f"{view.study}: {len(view.values)} of {view.planned} seeds, median {middle}"
