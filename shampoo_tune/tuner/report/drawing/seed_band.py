"""The seed band drawn: median line, bands of 50 % and 90 %, the search run dotted."""

from shampoo_tune.tuner.report.drawing.frame import Frame, count_axis, target_line, value_axis
from shampoo_tune.tuner.report.drawing.marks import band, dots, polyline
from shampoo_tune.tuner.report.drawing.svg import image
from shampoo_tune.tuner.report.seed_band import SeedBandView

_SIZE = (350, 220)


def draw_seed_band(view: SeedBandView, kind: str) -> str:
    """One study's band in the colour of its class."""
    x = count_axis(int(view.steps[0]), int(view.steps[-1]), "step")
    frame = Frame(x, value_axis(view.window, f"{view.study}: {view.metric}"), _SIZE)
    across, up = frame.across(view.steps), frame.up(view.quantiles)
    elements = [
        *frame.axes(),
        *target_line(frame, view.target, view.window),
        band(across, up[0], up[4], f"band {kind}"),
        band(across, up[1], up[3], f"band {kind}"),
        polyline(across, up[2], f"line {kind}"),
    ]
    if len(view.steps) == 1:
        elements += dots(across, up[2], f"dot {kind}")
    if view.search is not None:
        places = frame.across(view.search.steps), frame.up(view.search.values)
        elements.append(polyline(*places, "line dotted"))
    title = f"{view.study}: {view.metric} by step over {view.seeds} seeds"
    return image(_SIZE, title, "median with bands of 50 % and 90 % of the seeds", elements)
