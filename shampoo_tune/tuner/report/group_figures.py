"""The views in which the studies of a group stand side by side."""

from collections.abc import Sequence
from dataclasses import replace

from shampoo_tune.tuner.comparison.comparing import Comparison
from shampoo_tune.tuner.ladder.result import LadderResult, UnfinishedLadder
from shampoo_tune.tuner.report import best_of_k, seed_band, seeds, steps_to_target, two_levels
from shampoo_tune.tuner.report.absence import NO_FINAL, Absent
from shampoo_tune.tuner.report.best_of_k import BestOfKView
from shampoo_tune.tuner.report.drawing.best_of_k import draw_boxes, draw_compared
from shampoo_tune.tuner.report.drawing.legend import arm_class
from shampoo_tune.tuner.report.drawing.seed_band import draw_seed_band
from shampoo_tune.tuner.report.drawing.seeds import draw_seeds
from shampoo_tune.tuner.report.drawing.steps_to_target import draw_steps_to_target
from shampoo_tune.tuner.report.drawing.two_levels import draw_two_levels
from shampoo_tune.tuner.report.figure import Figure, absent_figure
from shampoo_tune.tuner.report.measured_curves import MeasuredCurves
from shampoo_tune.tuner.report.plain import to_plain
from shampoo_tune.tuner.report.seed_band import SeedBandView
from shampoo_tune.tuner.report.table import stack
from shampoo_tune.tuner.report.window import union
from shampoo_tune.tuner.study_data import StudyData


def steps_to_target_figure(ladders: Sequence[LadderResult | UnfinishedLadder]) -> Figure:
    """Where the arms of each ladder reach the target."""
    results = [ladder for ladder in ladders if isinstance(ladder, LadderResult)]
    absences = [ladder for ladder in ladders if isinstance(ladder, UnfinishedLadder)]
    key, words = "steps-to-target", steps_to_target.WORDS
    if not results:
        return absent_figure(key, words, [Absent(a.ladder, a.reason) for a in absences])
    notes = [sentence for result in results for sentence in steps_to_target.sentences(result)]
    notes += [f"{absent.ladder}: {absent.reason}." for absent in absences]
    table = steps_to_target.ladders_table(results)
    drawings = tuple(map(draw_steps_to_target, results))
    data = {ladder.ladder: ladder.to_json() for ladder in ladders}
    return Figure(key, words, drawings, table, data, tuple(notes), wide=True)


def seeds_figure(studies: Sequence[StudyData]) -> Figure:
    """The final seeds of all studies over one axis."""
    views = [seeds.final_seeds(study) for study in studies]
    if not any(len(view.values) for view in views):
        return absent_figure("seeds", seeds.WORDS, [Absent(v.study, NO_FINAL) for v in views])
    drawing = draw_seeds(views)
    data = {view.study: to_plain(view) for view in views}
    return Figure("seeds", seeds.WORDS, (drawing,), seeds.values_table(views), data, wide=True)


def two_levels_figures(comparison: Comparison) -> tuple[Figure, ...]:
    """What is known of each configuration and each optimizer; nothing of studies not repeated."""
    if all(len(row.studies) == 1 for row in comparison.rows):
        return ()
    view, key, words = two_levels.two_levels(comparison), "two-levels", two_levels.WORDS
    if view is None:
        absences = [Absent(row.arm, two_levels.TOO_FEW) for row in comparison.rows]
        return (absent_figure(key, words, absences),)
    drawing, table = draw_two_levels(view), two_levels.levels_table(view)
    return (Figure(key, words, (drawing,), table, to_plain(view), wide=True),)


def seed_bands_figure(studies: Sequence[StudyData], curves: Sequence[MeasuredCurves]) -> Figure:
    """The bands of all studies, a panel each, with the same y axis."""
    made = [seed_band.seed_band(*pair) for pair in zip(studies, curves, strict=True)]
    views = [view for view in made if isinstance(view, SeedBandView)]
    absences = [view for view in made if isinstance(view, Absent)]
    if not views:
        return absent_figure("seed-bands", seed_band.WORDS, absences)
    arms = _arms(studies)
    window = union([view.window for view in views])
    drawings = tuple(
        draw_seed_band(replace(view, window=window), arm_class(arms.index(view.arm)))
        for view in views
    )
    table = stack([(view.study, seed_band.quantiles_table(view)) for view in views])
    data = {view.study: to_plain(view) for view in made}
    notes = tuple(f"{absent.study}: {absent.reason}." for absent in absences)
    return Figure("seed-bands", seed_band.WORDS, drawings, table, data, notes)


def best_of_k_figures(studies: Sequence[StudyData]) -> tuple[Figure, ...]:
    """Arms compared over k if there are several studies, then the boxes of each study."""
    made = [best_of_k.simulated_budget(study) for study in studies]
    views = [view for view in made if isinstance(view, BestOfKView)]
    absences = [view for view in made if isinstance(view, Absent)]
    if not views:
        return (absent_figure("best-of-k", best_of_k.WORDS, absences),)
    boxes = _boxes(views, absences)
    return (_compared(views), boxes) if len(views) > 1 else (boxes,)


def _boxes(views: Sequence[BestOfKView], absences: Sequence[Absent]) -> Figure:
    drawings = tuple(map(draw_boxes, views))
    table = stack([(view.study, best_of_k.sizes_table(view)) for view in views])
    notes = [f"{view.study}: {note}" for view in views if (note := best_of_k.moves(view))]
    notes += [
        f"{view.study}: {view.enqueued} points were given by the file, not searched."
        for view in views
        if view.enqueued
    ]
    notes += [f"{absent.study}: {absent.reason}." for absent in absences]
    data = {view.study: to_plain(view) for view in views}
    return Figure("best-of-k", best_of_k.WORDS, drawings, table, data, tuple(notes))


def _compared(views: Sequence[BestOfKView]) -> Figure:
    """The same views at the sizes that all of them have."""
    largest = min(view.trials for view in views)
    rows = []
    for view in views:
        shown = view.ks <= largest
        rows.append(
            {
                "study": view.study,
                "ks": to_plain(view.ks[shown]),
                "quantiles": to_plain(view.quantiles[shown]),
            }
        )
    table = best_of_k.compared_table(views)
    words = best_of_k.WORDS_COMPARED
    return Figure("best-of-k-compared", words, (draw_compared(views),), table, rows, wide=True)


def _arms(studies: Sequence[StudyData]) -> list[str]:
    return list(dict.fromkeys(study.arm for study in studies))
