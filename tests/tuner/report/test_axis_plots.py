"""The axis plots' data."""

import dataclasses
import math

import numpy as np

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.axis_plots import AxisPlotsView, axis_plots, trials_table
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_search


def plots(study: StudyData) -> AxisPlotsView:
    view = axis_plots(study)
    assert isinstance(view, AxisPlotsView)
    return view


def test_each_panel_has_the_units_and_values_of_its_parameter(base: StudyData) -> None:
    study = with_search(base, [0.5, math.nan, None, 0.9])
    view = plots(study)
    assert view.trials.tolist() == [0, 2, 3]
    assert [panel.axis.name for panel in view.panels] == list(study.space.dimensions)
    for column, panel in enumerate(view.panels):
        np.testing.assert_allclose(panel.units, study.units[[0, 2, 3], column], atol=1e-6)
        assert panel.values == tuple(study.points[t][panel.axis.name] for t in (0, 2, 3))


def test_an_inactive_parameter_has_no_place(base: StudyData) -> None:
    study = with_search(base, [0.5, 0.6])
    units = study.units.copy()
    units[1, 0] = math.nan
    points = (study.points[0], {k: v for k, v in study.points[1].items() if k != "learning_rate"})
    panel = plots(dataclasses.replace(study, units=units, points=points)).panels[0]
    assert panel.values == (study.points[0]["learning_rate"], None)
    assert np.isnan(panel.units).tolist() == [False, True]


def test_the_top_are_the_best_tenth(base: StudyData) -> None:
    values = [0.01 * n for n in range(60)]
    assert plots(with_search(base, values)).top == (59, 58, 57, 56, 55, 54)
    assert plots(with_search(base, values, Goal.MINIMIZE)).top == (0, 1, 2, 3, 4, 5)
    assert plots(with_search(base, [None, None])).top == ()


def test_the_table_has_every_trial_the_best_first_the_infeasible_last(base: StudyData) -> None:
    table = trials_table(plots(with_search(base, [0.5, None, 0.9])))
    assert [row[0] for row in table.rows] == ["2", "0", "1"]
    assert [row[1] for row in table.rows] == ["0.900", "0.500", "diverged at step 1"]
    assert table.headers[2:] == ("learning_rate", "beta", "weight_decay", "exponent", "warmup")


def test_without_a_verdict_there_are_no_plots(base: StudyData) -> None:
    assert isinstance(axis_plots(with_search(base, [math.nan])), Absent)
