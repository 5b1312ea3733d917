"""The training curves of the best trials."""

import numpy as np

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.curves import CurvesView, ends_table, goal_of, training_curves
from shampoo_tune.tuner.report.measured_curves import Curve, MeasuredCurves
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_search


def test_a_dot_marks_the_best_step_in_the_direction_of_each_metric(base: StudyData) -> None:
    steps = np.array([10, 20, 30])
    measured = {
        "train_loss": (Curve(3, 3, steps, np.array([1.0, 0.4, 0.6])),),
        "valid_accuracy": (Curve(3, 3, steps, np.array([0.1, 0.8, 0.7])),),
    }
    view = training_curves(with_search(base, [0.5]), MeasuredCurves(measured, (), None))
    assert isinstance(view, CurvesView)
    assert view.trials == (3,)
    assert [panel.goal for panel in view.panels] == [Goal.MINIMIZE, Goal.MAXIMIZE]
    assert [panel.best for panel in view.panels] == [(1,), (1,)]
    assert ends_table(view).rows == (
        ("3", "train_loss", "0.6", "0.4", "20"),
        ("3", "valid_accuracy", "0.7", "0.8", "20"),
    )


def test_accuracies_are_maximised_and_losses_minimised() -> None:
    assert goal_of("test_accuracy") is Goal.MAXIMIZE
    assert goal_of("valid_loss") is Goal.MINIMIZE


def test_without_a_feasible_trial_there_are_none(base: StudyData) -> None:
    measured = MeasuredCurves({"train_loss": (), "valid_accuracy": ()}, (), None)
    assert isinstance(training_curves(with_search(base, [None]), measured), Absent)
