"""The history drawn: points, crosses, the best so far as a step line, the target."""

import numpy as np

from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.report.drawing.frame import Frame, count_axis, target_line, value_axis
from shampoo_tune.tuner.report.drawing.marks import squares, step_line
from shampoo_tune.tuner.report.drawing.outcomes import of, outcomes, trial_tips
from shampoo_tune.tuner.report.drawing.svg import image
from shampoo_tune.tuner.report.history import HistoryView

_SIZE = (720, 250)


def draw_history(view: HistoryView) -> str:
    """The whole history as one drawing."""
    last = view.planned - 1
    x = count_axis(0, last, "trial, in the order of the design", margin=0.01 * last)
    frame = Frame(x, value_axis(view.window, view.metric), _SIZE)
    elements = [*frame.axes(), *target_line(frame, view.target, view.window)]
    title = f"{view.study}: {view.metric} by trial"
    return image(_SIZE, title, _describe(view), elements + _marks(view, frame))


def _marks(view: HistoryView, frame: Frame) -> list[str]:
    across, up = frame.across(view.trials), frame.up(view.values)
    tips = trial_tips(view.trials.tolist(), view.values, view.resolution, {})
    given = view.trials < view.enqueued
    elements = outcomes(across, up, view.values, view.trials, tips)
    elements += squares(across[given], up[given], "given", of(tips, given))
    known = np.isfinite(view.best_so_far)
    if known.any():
        elements.append(step_line(across[known], frame.up(view.best_so_far[known]), "line best"))
    return elements


def _describe(view: HistoryView) -> str:
    infeasible = int(np.isinf(view.values).sum())
    words = f"{len(view.trials)} of {view.planned} trials, {infeasible} infeasible"
    known = view.best_so_far[np.isfinite(view.best_so_far)]
    if not known.size:
        return words
    return f"{words}; the best is {show_value(float(known[-1]), view.resolution)}"
