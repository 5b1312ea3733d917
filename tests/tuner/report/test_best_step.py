"""The histogram of best steps."""

import dataclasses
import math

import numpy as np
import pytest

from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.best_step import BestStepView, best_steps, bins_table
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_search


def steps(base: StudyData, best: list[float], budget: int) -> BestStepView:
    study = with_search(base, [None if math.isnan(s) else 0.5 for s in best], steps=budget)
    view = best_steps(dataclasses.replace(study, best_step=np.array(best)))
    assert isinstance(view, BestStepView)
    return view


def test_every_step_falls_into_the_bin_that_ends_at_or_after_it(base: StudyData) -> None:
    view = steps(base, [1, 2, 3, 30, 31, 39, 40, math.nan], 40)
    expected = [0] * 20
    for step in (1, 2, 3, 30, 31, 39, 40):
        expected[next(i for i in range(20) if step <= (i + 1) * 2)] += 1
    assert view.counts.tolist() == expected
    assert view.feasible == 7


def test_early_is_up_to_10_and_late_from_after_75_percent(base: StudyData) -> None:
    view = steps(base, [4, 5, 30, 31, 40], 40)
    assert view.early == pytest.approx(1 / 5)
    assert view.late == pytest.approx(2 / 5)


def test_the_table_names_the_bins_that_hold_trials(base: StudyData) -> None:
    assert bins_table(steps(base, [2, 40, 40], 40)).rows == (("(0, 2]", "1"), ("(38, 40]", "2"))


def test_without_a_feasible_trial_there_is_none(base: StudyData) -> None:
    assert isinstance(best_steps(with_search(base, [None])), Absent)
