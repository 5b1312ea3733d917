"""The views of one study as figures, in the order in which they are read."""

from shampoo_tune.tuner.report import (
    axis_plots,
    best_step,
    boundary,
    curves,
    history,
    importance,
    isolation,
)
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.drawing.axis_plots import draw_axis_plots
from shampoo_tune.tuner.report.drawing.best_step import draw_best_steps
from shampoo_tune.tuner.report.drawing.curves import draw_curves
from shampoo_tune.tuner.report.drawing.history import draw_history
from shampoo_tune.tuner.report.drawing.importance import draw_importance
from shampoo_tune.tuner.report.drawing.isolation import draw_isolation
from shampoo_tune.tuner.report.figure import Figure, absent_figure
from shampoo_tune.tuner.report.measured_curves import MeasuredCurves
from shampoo_tune.tuner.report.plain import to_plain
from shampoo_tune.tuner.report.window import Window
from shampoo_tune.tuner.report.words import percent
from shampoo_tune.tuner.study_data import StudyData


def study_figures(study: StudyData, measured: MeasuredCurves, number: int) -> tuple[Figure, ...]:
    """All figures of the study that is the document's `number`-th."""
    return (
        _boundary(study, f"boundary-{number}"),
        _axis_plots(study, f"axis-plots-{number}"),
        _isolation(study, f"isolation-{number}"),
        _curves(study, measured, f"curves-{number}"),
        _importance(study, f"importance-{number}"),
        _best_step(study, f"best-step-{number}"),
        _history(study, f"history-{number}"),
    )


def _boundary(study: StudyData, key: str) -> Figure:
    view = boundary.boundary(study)
    if isinstance(view, Absent):
        return absent_figure(key, boundary.WORDS, [view])
    return Figure(key, boundary.WORDS, (), boundary.sides_table(view), to_plain(view))


def _axis_plots(study: StudyData, key: str) -> Figure:
    view = axis_plots.axis_plots(study)
    if isinstance(view, Absent):
        return absent_figure(key, axis_plots.WORDS, [view])
    drawings = tuple(draw_axis_plots(view))
    notes = _notes(view.window)
    table = axis_plots.trials_table(view)
    return Figure(key, axis_plots.WORDS, drawings, table, to_plain(view), notes)


def _isolation(study: StudyData, key: str) -> Figure:
    view = isolation.isolation_plots(study)
    if isinstance(view, Absent):
        return absent_figure(key, isolation.WORDS, [view])
    drawings = tuple(draw_isolation(view))
    table = isolation.buckets_table(view)
    return Figure(key, isolation.WORDS, drawings, table, to_plain(view), _notes(view.window))


def _curves(study: StudyData, measured: MeasuredCurves, key: str) -> Figure:
    view = curves.training_curves(study, measured)
    if isinstance(view, Absent):
        return absent_figure(key, curves.WORDS, [view])
    drawings = tuple(draw_curves(view))
    return Figure(key, curves.WORDS, drawings, curves.ends_table(view), to_plain(view))


def _importance(study: StudyData, key: str) -> Figure:
    view = importance.importances(study)
    if isinstance(view, Absent):
        return absent_figure(key, importance.WORDS, [view])
    notes = (
        f"PED-ANOVA over {view.feasible} feasible trials; {percent(view.left_out)} infeasible "
        "left out.",
    )
    table = importance.shares_table(view)
    return Figure(key, importance.WORDS, (draw_importance(view),), table, to_plain(view), notes)


def _best_step(study: StudyData, key: str) -> Figure:
    view = best_step.best_steps(study)
    if isinstance(view, Absent):
        return absent_figure(key, best_step.WORDS, [view])
    notes = (
        f"{percent(view.early)} of {view.feasible} feasible trials had their best value in the "
        f"first {percent(best_step.EARLY)} of {view.steps} steps, {percent(view.late)} after "
        f"{percent(best_step.LATE)}.",
    )
    table = best_step.bins_table(view)
    return Figure(key, best_step.WORDS, (draw_best_steps(view),), table, to_plain(view), notes)


def _history(study: StudyData, key: str) -> Figure:
    view = history.history(study)
    if isinstance(view, Absent):
        return absent_figure(key, history.WORDS, [view])
    table = history.improvements(view)
    notes = _notes(view.window)
    return Figure(
        key, history.WORDS, (draw_history(view),), table, to_plain(view), notes, wide=True
    )


def _notes(window: Window | None) -> tuple[str, ...]:
    """What the clipping of the axis hides."""
    if window is None or not window.beyond:
        return ()
    are = "value is" if window.beyond == 1 else "values are"
    return (f"{window.beyond} worse {are} drawn on the edge.",)
