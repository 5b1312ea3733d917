"""What is drawn in a frame: points, crosses, lines, bands. Arrays are in pixels."""

import functools
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.tuner.report.drawing.svg import element, escape
from shampoo_tune.tuner.study_data import Array

MANY = 1_000  # more marks than this become one path: a page of 10,000 elements is slow
_WIDEST = 1_000  # pixels of a drawing
_FEW = 100  # the same of marks that say nothing under the pointer
_PANELS = 8  # lists of trials that are kept, for the panels of a view mostly have the same

Numbers = NDArray[np.int64]
NO_TRIALS: Numbers = np.empty(0, np.int64)


def dots(
    x: Array,
    y: Array,
    kind: str,
    tips: Sequence[str] = (),
    radius: float = 3,
    trials: Numbers = NO_TRIALS,
) -> list[str]:
    """Filled circles, each with its text under the pointer; many of them one path of points.

    Args:
        x: horizontal pixels.
        y: vertical pixels.
        kind: the class.
        tips: the texts, or none at all.
        radius: of a circle.
        trials: of the points, by which a script finds the one under the pointer if there are no
            texts: then they are one path, however few.
    """
    if len(x) > _most(tips, trials):
        path = "".join([f"M{a} {b}h0" for a, b in zip(_tenths(x), _tenths(y), strict=True)])
        return [element("path", d=path, class_=f"many {kind}", data_trials=_runs(trials))]
    shown = tips or [""] * len(x)
    return [
        element("circle", *_tip(tip), cx=a, cy=b, r=radius, class_=kind)
        for a, b, tip in zip(x.tolist(), y.tolist(), shown, strict=True)
    ]


def crosses(x: Array, y: Array, tips: Sequence[str] = (), trials: Numbers = NO_TRIALS) -> list[str]:
    """Red crosses: the mark of an infeasible run; many of them one path. Arguments as of `dots`."""
    shapes = [_cross(a, b) for a, b in zip(x.tolist(), y.tolist(), strict=True)]
    if len(shapes) > _most(tips, trials):
        return [element("path", d="".join(shapes), class_="cross", data_trials=_runs(trials))]
    shown = tips or [""] * len(shapes)
    return [
        element("path", *_tip(tip), d=shape, class_="cross")
        for shape, tip in zip(shapes, shown, strict=True)
    ]


def squares(x: Array, y: Array, kind: str, tips: Sequence[str]) -> list[str]:
    """Hollow squares around points."""
    return [
        element("rect", *_tip(tip), x=a - 4.5, y=b - 4.5, width=9, height=9, class_=kind)
        for a, b, tip in zip(x.tolist(), y.tolist(), tips, strict=True)
    ]


def rings(x: Array, y: Array) -> list[str]:
    """Circles around points."""
    return [
        element("circle", cx=a, cy=b, r=6, class_="ring")
        for a, b in zip(x.tolist(), y.tolist(), strict=True)
    ]


def diamond(x: float, y: float, kind: str, tip: str) -> str:
    """A diamond with its text under the pointer."""
    return element("path", *_tip(tip), d=f"M{x:.1f} {y - 6:.1f}l6 6-6 6-6-6z", class_=kind)


def bar(x: float, y: float, width: float, height: float, kind: str, tip: str = "") -> str:
    """An upright rectangle with its text under the pointer."""
    return element("rect", *_tip(tip), x=x, y=y, width=width, height=height, class_=kind)


def polyline(x: Array, y: Array, kind: str) -> str:
    """A line through points."""
    return element("path", d=_path(x, y), class_=kind)


def step_line(x: Array, y: Array, kind: str) -> str:
    """A line that keeps each value until the next point; only the changes are written."""
    change = np.flatnonzero(np.diff(y)) + 1
    shape = f"M{x[0]:.1f} {y[0]:.1f}" + "".join(
        f"H{x[place]:.1f}V{y[place]:.1f}" for place in change.tolist()
    )
    return element("path", d=f"{shape}H{x[-1]:.1f}", class_=kind)


def band(x: Array, low: Array, high: Array, kind: str) -> str:
    """The area between two lines."""
    shape = _path(np.concatenate([x, x[::-1]]), np.concatenate([low, high[::-1]]))
    return element("path", d=f"{shape}Z", class_=kind)


def jitter(count: int) -> Array:
    """Places in [-1, 1] that keep neighbours apart, always the same."""
    golden = 0.618033988749895
    places: Array = 2 * (np.arange(1, count + 1, dtype=np.float64) * golden % 1.0) - 1
    return places


def _path(x: Array, y: Array) -> str:
    points: Iterable[tuple[float, float]] = zip(x.tolist(), y.tolist(), strict=True)
    return "M" + "L".join(f"{a:.1f} {b:.1f}" for a, b in points)


def _tenths(pixels: Array) -> list[str]:
    """Places to a tenth of a pixel; looked up, for that is four times as fast as writing them."""
    texts = _written_tenths()
    return [texts[tenth] for tenth in np.rint(10 * pixels).astype(int).tolist()]


@functools.cache
def _written_tenths() -> tuple[str, ...]:
    return tuple(f"{tenth / 10:.1f}" for tenth in range(10 * _WIDEST + 1))


def _most(tips: Sequence[str], trials: Numbers) -> int:
    """How many marks may be elements of their own."""
    if tips:
        return MANY
    return 0 if len(trials) else _FEW


def _runs(numbers: Numbers) -> str | None:
    """Whole numbers with those that follow each other written once: 0-2 5 7-8."""
    return _written_runs(numbers.tobytes()) if len(numbers) else None


@functools.lru_cache(_PANELS)
def _written_runs(numbers: bytes) -> str:
    whole = np.frombuffer(numbers, np.int64)
    ends = np.flatnonzero(np.diff(whole) != 1)
    firsts = whole[np.concatenate([[0], ends + 1])].tolist()
    lasts = whole[np.concatenate([ends, [len(whole) - 1]])].tolist()
    pairs = zip(firsts, lasts, strict=True)
    return " ".join([str(a) if a == b else f"{a}-{b}" for a, b in pairs])


def _cross(x: float, y: float) -> str:
    return f"M{x - 3:.1f} {y - 3:.1f}l6 6m0-6l-6 6"


def _tip(words: str) -> list[str]:
    return [element("title", escape(words))] if words else []
