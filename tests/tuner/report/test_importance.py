"""Importance, shown only where it means something."""

import numpy as np
import pytest

from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.importance import ImportanceView, importances, shares_table
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_search


def test_the_parameter_that_decides_comes_first(base: StudyData) -> None:
    blank = with_search(base, [0.0] * 60)
    values = [float(u) for u in blank.units[:, 2]]
    view = importances(with_search(base, [None, None, *values[2:]]))
    assert isinstance(view, ImportanceView)
    assert view.parameters[0] == "weight_decay"
    assert set(view.parameters) == set(blank.space.dimensions)
    assert view.shares.tolist() == sorted(view.shares, reverse=True)
    assert view.shares.sum() == pytest.approx(1)
    assert view.feasible == 58
    assert view.left_out == pytest.approx(2 / 60)
    assert [row[0] for row in shares_table(view).rows] == list(view.parameters)


def test_it_is_hidden_under_20_feasible_trials(base: StudyData) -> None:
    values = list(np.linspace(0, 1, 19))
    study = with_search(base, [None, *values])
    assert importances(study) == Absent(study.name, "19 feasible trials, fewer than 20")


def test_equally_good_trials_have_none(base: StudyData) -> None:
    assert isinstance(importances(with_search(base, [0.5] * 25)), Absent)
