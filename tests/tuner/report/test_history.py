"""The history against a loop over the values."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.history import HistoryView, history, improvements
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_search

VALUES = st.lists(st.none() | st.floats(0, 1), min_size=1, max_size=30)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=VALUES, goal=st.sampled_from(Goal))
def test_the_best_so_far_is_the_best_of_each_prefix(
    base: StudyData, values: list[float | None], goal: Goal
) -> None:
    view = history(with_search(base, values, goal))
    assert isinstance(view, HistoryView)
    pick = min if goal is Goal.MINIMIZE else max
    for k in range(1, len(values) + 1):
        feasible = [value for value in values[:k] if value is not None]
        assert view.best_so_far[k - 1] == (pick(feasible) if feasible else base_worst(goal))


def base_worst(goal: Goal) -> float:
    return math.inf if goal is Goal.MINIMIZE else -math.inf


def test_trials_without_a_verdict_are_left_out(base: StudyData) -> None:
    study = with_search(base, [0.1, math.nan, None, 0.3])
    view = history(study)
    assert isinstance(view, HistoryView)
    assert view.trials.tolist() == [0, 2, 3]
    assert view.values.tolist() == [0.1, -math.inf, 0.3]
    assert (view.planned, view.enqueued) == (4, 0)


def test_improvements_are_the_trials_better_than_all_before(base: StudyData) -> None:
    study = dataclasses.replace(with_search(base, [None, 0.2, 0.1, 0.3, 0.3]), resolution=None)
    view = history(study)
    assert isinstance(view, HistoryView)
    assert improvements(view).rows == (("1", "0.2"), ("3", "0.3"))


@pytest.mark.parametrize("count", [0, 3])
def test_without_any_verdict_there_is_no_history(base: StudyData, count: int) -> None:
    study = with_search(base, [math.nan] * count)
    assert history(study) == Absent(study.name, "no trial has a verdict yet")


def test_the_window_holds_best_and_target_and_cuts_what_is_far_worse(base: StudyData) -> None:
    values = [0.9 + 0.001 * i for i in range(50)] + [0.0]
    view = history(with_search(base, values, target=0.97))
    assert isinstance(view, HistoryView)
    assert view.window is not None
    assert view.window.high == 0.97
    quartiles = np.percentile(-np.array(values), [25, 75, 90])
    assert view.window.low == pytest.approx(-(quartiles[2] + 1.5 * (quartiles[1] - quartiles[0])))
    assert view.window.beyond == 1
