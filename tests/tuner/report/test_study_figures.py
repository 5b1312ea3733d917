"""The figures of one study in their order."""

import dataclasses
import json
import math

import numpy as np

from shampoo_tune.tuner.report.measured_curves import Curve, MeasuredCurves
from shampoo_tune.tuner.report.study_figures import study_figures
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_search

KEYS = [
    "boundary-3", "axis-plots-3", "isolation-3", "curves-3", "importance-3", "best-step-3",
    "history-3",
]  # fmt: skip
CURVE = Curve(0, 0, np.array([10, 30]), np.array([0.2, 0.6]))
MEASURED = MeasuredCurves({"train_loss": (CURVE,), "valid_accuracy": (CURVE,)}, (), None)
NOTHING = MeasuredCurves({}, (), None)


def test_the_order_is_that_of_reading_and_every_figure_says_what_to_look_for(
    base: StudyData,
) -> None:
    study = with_search(base, [float(n) / 40 for n in range(40)])
    figures = study_figures(study, MEASURED, 3)
    assert [figure.key for figure in figures] == KEYS
    for figure in figures:
        assert figure.words.look.endswith(".")
        assert figure.words.look.count(".") == 1  # one sentence
        assert figure.table is not None
        json.dumps(figure.data, allow_nan=False)
    assert [len(figure.drawings) for figure in figures] == [0, 5, 5, 2, 1, 1, 1]


def test_an_adaptive_search_keeps_what_assumes_no_design(base: StudyData) -> None:
    study = with_search(base, [float(n) / 40 for n in range(40)], sampler="tpe")
    absent = [figure.key for figure in study_figures(study, MEASURED, 3) if figure.table is None]
    assert absent == ["boundary-3", "isolation-3"]


def test_a_search_that_has_not_begun_has_no_figure_but_says_why(base: StudyData) -> None:
    for figure in study_figures(with_search(base, [math.nan] * 4), NOTHING, 3):
        assert figure.drawings == ()
        assert figure.notes[0].startswith("Not shown: ")


def test_values_on_the_edge_are_counted(base: StudyData) -> None:
    values = [0.9 + 0.001 * n for n in range(40)] + [0.1]
    study = dataclasses.replace(with_search(base, values), target=None)
    figures = {figure.key: figure for figure in study_figures(study, MEASURED, 3)}
    assert figures["history-3"].notes == ("1 worse value is drawn on the edge.",)


def test_a_search_without_a_feasible_trial_shows_where_it_diverged(base: StudyData) -> None:
    figures = study_figures(with_search(base, [None] * 30), NOTHING, 3)
    drawn = {figure.key for figure in figures if figure.drawings}
    assert drawn == {"axis-plots-3", "history-3"}
    for figure in figures:
        json.dumps(figure.data, allow_nan=False)
        assert figure.drawings or figure.notes[0].startswith("Not shown: ")
