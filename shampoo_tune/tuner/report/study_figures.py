"""The views of one study: how each is made, drawn and tabulated, in the order of reading."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shampoo_tune.tuner.report import (
    axis_plots,
    best_of_k,
    best_step,
    boundary,
    curves,
    history,
    importance,
    isolation,
    seed_band,
    seeds,
)
from shampoo_tune.tuner.report.absence import NO_FINAL, Absent
from shampoo_tune.tuner.report.drawing.axis_plots import draw_axis_plots
from shampoo_tune.tuner.report.drawing.best_of_k import draw_boxes
from shampoo_tune.tuner.report.drawing.best_step import draw_best_steps
from shampoo_tune.tuner.report.drawing.curves import draw_curves
from shampoo_tune.tuner.report.drawing.history import draw_history
from shampoo_tune.tuner.report.drawing.importance import draw_importance
from shampoo_tune.tuner.report.drawing.isolation import draw_isolation
from shampoo_tune.tuner.report.drawing.legend import arm_class
from shampoo_tune.tuner.report.drawing.seed_band import draw_seed_band
from shampoo_tune.tuner.report.drawing.seeds import draw_seeds_of_one
from shampoo_tune.tuner.report.figure import Figure, absent_figure
from shampoo_tune.tuner.report.measured_curves import MeasuredCurves
from shampoo_tune.tuner.report.plain import to_plain
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.window import Window
from shampoo_tune.tuner.report.words import Words, percent
from shampoo_tune.tuner.study_data import StudyData

View = TypeVar("View")


def _nothing(view: object) -> tuple[str, ...]:
    del view
    return ()


@dataclass(frozen=True)
class Kind(Generic[View]):
    """One view of a study, from the study's arrays to what people and programs see.

    Attributes:
        words: title and explanations.
        type: of the view data.
        make: the view of a study, or why there is none.
        table: the same numbers to read.
        draw: as SVG; nothing where the table is all.
        notes: sentences on these data.
        wide: whether a drawing takes a row of its own.
    """

    words: Words
    type: type[View]
    make: Callable[[StudyData, MeasuredCurves], View | Absent]
    table: Callable[[View], Table]
    draw: Callable[[View], Sequence[str]] = _nothing
    notes: Callable[[View], tuple[str, ...]] = _nothing
    wide: bool = False

    def figure(self, study: StudyData, measured: MeasuredCurves, key: str) -> Figure:
        """The view as a document shows it."""
        view = self.make(study, measured)
        if isinstance(view, Absent):
            return absent_figure(key, self.words, [view])
        return Figure(
            key,
            self.words,
            tuple(self.draw(view)),
            self.table(view),
            to_plain(view),
            self.notes(view),
            self.wide,
        )


def study_figures(study: StudyData, measured: MeasuredCurves, number: int) -> tuple[Figure, ...]:
    """All figures of the search of the study that is the document's `number`-th."""
    return tuple(
        kind.figure(study, measured, f"{name}-{number}") for name, kind in SEARCH_VIEWS.items()
    )


def _final_seeds(study: StudyData, measured: MeasuredCurves) -> seeds.SeedsView | Absent:
    del measured
    view = seeds.final_seeds(study)
    return view if len(view.values) else Absent(study.name, NO_FINAL)


def _boundary_notes(view: boundary.BoundaryView) -> tuple[str, ...]:
    flagged = [f"{side.parameter} {side.side}: {side.flag}" for side in view.sides if side.flag]
    return (f"Flagged: {', '.join(flagged)}." if flagged else "No end of a range is flagged.",)


def _best_of_k_notes(view: best_of_k.BestOfKView) -> tuple[str, ...]:
    moved = best_of_k.moves(view)
    given = f"{view.enqueued} points were given by the file, not searched."
    return ((moved,) if moved else ()) + ((given,) if view.enqueued else ())


def _importance_notes(view: importance.ImportanceView) -> tuple[str, ...]:
    return (
        f"PED-ANOVA over {view.feasible} feasible trials; {percent(view.left_out)} infeasible "
        "left out.",
    )


def _best_step_notes(view: best_step.BestStepView) -> tuple[str, ...]:
    return (
        f"{percent(view.early)} of {view.feasible} feasible trials had their best value in the "
        f"first {percent(best_step.EARLY)} of {view.steps} steps, {percent(view.late)} after "
        f"{percent(best_step.LATE)}.",
    )


def _clipped(window: Window | None) -> tuple[str, ...]:
    """What the clipping of the axis hides."""
    if window is None or not window.beyond:
        return ()
    are = "value is" if window.beyond == 1 else "values are"
    return (f"{window.beyond} worse {are} drawn on the edge.",)


# What the final seeds say of the winner, and what the search's size did.
RESULT_VIEWS: Mapping[str, Kind[Any]] = {
    "seeds": Kind(
        seeds.WORDS,
        seeds.SeedsView,
        _final_seeds,
        lambda view: seeds.values_table([view]),
        lambda view: (draw_seeds_of_one(view),),
    ),
    "seed-band": Kind(
        seed_band.WORDS,
        seed_band.SeedBandView,
        seed_band.seed_band,
        seed_band.quantiles_table,
        lambda view: (draw_seed_band(view, arm_class(0)),),
    ),
    "best-of-k": Kind(
        best_of_k.WORDS,
        best_of_k.BestOfKView,
        lambda study, _: best_of_k.simulated_budget(study),
        best_of_k.sizes_table,
        lambda view: (draw_boxes(view),),
        _best_of_k_notes,
    ),
}

SEARCH_VIEWS: Mapping[str, Kind[Any]] = {
    "boundary": Kind(
        boundary.WORDS,
        boundary.BoundaryView,
        lambda study, _: boundary.boundary(study),
        boundary.sides_table,
        notes=_boundary_notes,
    ),
    "axis-plots": Kind(
        axis_plots.WORDS,
        axis_plots.AxisPlotsView,
        lambda study, _: axis_plots.axis_plots(study),
        axis_plots.trials_table,
        draw_axis_plots,
        lambda view: _clipped(view.window),
    ),
    "isolation": Kind(
        isolation.WORDS,
        isolation.IsolationView,
        lambda study, _: isolation.isolation_plots(study),
        isolation.buckets_table,
        draw_isolation,
        lambda view: _clipped(view.window),
    ),
    "curves": Kind(
        curves.WORDS,
        curves.CurvesView,
        curves.training_curves,
        curves.ends_table,
        draw_curves,
    ),
    "importance": Kind(
        importance.WORDS,
        importance.ImportanceView,
        lambda study, _: importance.importances(study),
        importance.shares_table,
        lambda view: (draw_importance(view),),
        _importance_notes,
    ),
    "best-step": Kind(
        best_step.WORDS,
        best_step.BestStepView,
        lambda study, _: best_step.best_steps(study),
        best_step.bins_table,
        lambda view: (draw_best_steps(view),),
        _best_step_notes,
    ),
    "history": Kind(
        history.WORDS,
        history.HistoryView,
        lambda study, _: history.history(study),
        history.improvements,
        lambda view: (draw_history(view),),
        lambda view: _clipped(view.window),
        wide=True,
    ),
}
