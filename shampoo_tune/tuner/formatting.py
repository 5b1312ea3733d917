"""Numbers for people: no more decimals than one example resolves, unknown and infinite in words."""

import math

UNKNOWN = "-"
_LOSS_DIGITS = 4


def show_value(value: float | None, resolution: float | None) -> str:
    """A value of the metric, as in `0.975`; for a loss four significant digits.

    Args:
        value: None and NaN are unknown, infinities are infeasible runs.
        resolution: what one example is worth, or None.
    """
    if value is None or math.isnan(value):
        return UNKNOWN
    if math.isinf(value):
        return "infeasible"
    if resolution is None:
        return f"{value:.{_LOSS_DIGITS}g}"
    return f"{value:.{_decimals(resolution)}f}"


def show_difference(value: float | None, resolution: float | None) -> str:
    """A signed difference of two values, as in `+0.008`; None is undetermined."""
    if value is None or math.isnan(value):
        return "undetermined"
    if math.isinf(value):
        return "+inf" if value > 0 else "-inf"
    if resolution is None:
        return f"{value:+.{_LOSS_DIGITS}g}"
    return f"{value:+.{_decimals(resolution)}f}"


def show_examples(value: float | None, resolution: float | None) -> str:
    """How many examples a value stands for, as in `350/359`; empty where none are counted."""
    if resolution is None or value is None or not math.isfinite(value):
        return ""
    return f"{round(value / resolution, 1):g}/{round(1 / resolution)}"


def show_bytes(count: float | None) -> str:
    """A size in memory, as in `3.1 MiB`."""
    if count is None:
        return UNKNOWN
    for unit in ("B", "KiB", "MiB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1024
    return f"{count:.3g} GiB"


def show_seconds(seconds: float | None) -> str:
    """A duration, as in `12 ms` or `1.4 s`."""
    if seconds is None:
        return UNKNOWN
    return f"{1000 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def show_hours(hours: float) -> str:
    """A duration in the largest unit of which it has one, as in `3.4 hours` or `12 minutes`."""
    units = ((1, "hour"), (1 / 60, "minute"), (1 / 3600, "second"))
    size, name = next((unit for unit in units if hours >= unit[0]), units[-1])
    shown = f"{hours / size:.3g}"
    return f"{shown} {name}" if shown == "1" else f"{shown} {name}s"


def _decimals(resolution: float) -> int:
    return max(0, math.ceil(-math.log10(resolution)))
