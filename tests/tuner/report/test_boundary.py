"""The boundary check of a study: what is handed to the statistic, and how it is said."""

import dataclasses

import numpy as np
import pytest

from shampoo_tune.tuner.parameters import Choice, Parameter, SearchSpace
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.boundary import BoundaryView, boundary, sides_table
from shampoo_tune.tuner.statistics.boundary import boundary_check
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_search


def rising_with(base: StudyData, column: int, n: int = 100) -> StudyData:
    """The larger a parameter, the better."""
    blank = with_search(base, [0.0] * n)
    return with_search(base, blank.units[:, column].tolist())


def test_an_optimum_at_the_upper_end_asks_for_a_wider_range(base: StudyData) -> None:
    view = boundary(rising_with(base, 0))
    assert isinstance(view, BoundaryView)
    flagged = [side for side in view.sides if side.flag == "expand"]
    assert [(side.parameter, side.side, side.edge) for side in flagged] == [
        ("learning_rate", "high", 10.0)
    ]
    assert flagged[0].count == flagged[0].considered == 10
    assert flagged[0].suggested == pytest.approx(10 * 1000**0.5)
    row = next(row for row in sides_table(view).rows if "expand" in row)
    assert row == ("learning_rate", "high", "expand", "10", "3.2e+02", "10 of 10", "1e-10")


def test_choices_have_no_ends(base: StudyData) -> None:
    view = boundary(rising_with(base, 3))
    assert isinstance(view, BoundaryView)
    names = {side.parameter for side in view.sides}
    assert names == {"learning_rate", "beta", "weight_decay", "warmup"}
    space = SearchSpace((Parameter("exponent", Choice((0, 2))),))
    study = dataclasses.replace(
        with_search(base, [0.1, 0.2]), space=space, units=np.array([[0.25], [0.75]])
    )
    assert boundary(study) == Absent(study.name, "no parameter has a range")


def test_points_that_the_file_gave_are_left_out(base: StudyData) -> None:
    study = dataclasses.replace(rising_with(base, 0, 60), enqueued=20)
    view = boundary(study)
    assert isinstance(view, BoundaryView)
    expected = boundary_check(study.units[20:, [0, 1, 2, 4]], study.search[20:], study.goal)
    assert [side.p_value for side in view.sides] == [finding.p_value for finding in expected]


def test_it_is_withheld_from_adaptive_samplers_and_waits_for_a_feasible_trial(
    base: StudyData,
) -> None:
    adaptive = boundary(dataclasses.replace(rising_with(base, 0), sampler="tpe"))
    assert isinstance(adaptive, Absent)
    assert "TPE" in adaptive.reason
    study = with_search(base, [None, None])
    assert boundary(study) == Absent(study.name, "no trial is feasible so far")
