"""A study as arrays, against its rows; unfinished and infeasible runs too."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest
from sqlalchemy import text

from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage import queries
from shampoo_tune.study import Objective
from shampoo_tune.tuner.study_loading import load_studies, load_study
from tests.tuner.conftest import Laboratory, quick_study


def test_the_arrays_are_the_rows(laboratory: Laboratory) -> None:
    laboratory.launch(quick_study())
    with laboratory.read() as connection:
        (study,) = load_studies(connection, "quick")
        (best,) = load_studies(connection, "quick", Objective.BEST)
        search = connection.execute(
            text("select search_value, best_value from v1_trials order by trial")
        ).all()
        final = connection.execute(
            text("select value from v1_curves where phase = 'final' and step = 30"
                 " and metric = 'valid_accuracy' order by seed")
        ).scalars().all()  # fmt: skip
    assert study.search.tolist() == [row.search_value for row in search]
    assert best.search.tolist() == [row.best_value for row in search]
    assert study.final.tolist() == list(final)
    assert study.complete
    assert set(study.finalist_values) > {study.winner}
    assert all(len(values) == 3 for values in study.finalist_values.values())
    assert study.resolution == 1 / 359
    for point, unit in zip(study.points, study.units.tolist(), strict=True):
        assert study.space.point(unit) == pytest.approx(point)


def test_a_design_that_is_whole_is_not_read_again(laboratory: Laboratory) -> None:
    laboratory.submit(quick_study())
    with laboratory.read() as connection:
        row = queries.require_study(connection, "quick/nesterov")
        before = load_study(connection, row)
    laboratory.launch(quick_study())
    with laboratory.read() as connection:
        after, anew = load_study(connection, row, before), load_study(connection, row)
        part = dataclasses.replace(before, points=before.points[:2], units=before.units[:2])
        assert len(load_study(connection, row, part).points) == 4
    assert after.points is before.points
    assert after.units is before.units
    assert after.points == anew.points
    assert after.search.tolist() == anew.search.tolist() != before.search.tolist()


def test_diverged_runs_are_the_worst_infinity(laboratory: Laboratory) -> None:
    high = "optimizers.nesterov.learning_rate={min: 0.1, max: 1e12, scale: log}"
    laboratory.launch(quick_study(high, "budget.trials=8"))
    with laboratory.read() as connection:
        (study,) = load_studies(connection, "quick")
    infeasible = np.flatnonzero(study.search == -math.inf)
    assert 0 < len(infeasible) < 8
    assert set(study.reasons) == set(infeasible)
    assert all("diverged" in reason for reason in study.reasons.values())
    assert np.isnan(study.best_step[infeasible]).all()
    assert study.worst == -math.inf


def test_a_study_that_has_not_begun_knows_nothing(
    another_laboratory: Callable[[], Laboratory],
) -> None:
    laboratory = another_laboratory()
    laboratory.submit(quick_study())
    with laboratory.read() as connection:
        (study,) = load_studies(connection, "quick")
        with pytest.raises(NotFoundError):
            load_studies(connection, "other")
    assert np.isnan(study.search).all()
    assert (len(study.search), len(study.final), study.winner) == (4, 0, None)
    assert not study.complete
    assert study.searched.size == 0


def test_an_inactive_parameter_has_no_place_in_the_cube(laboratory: Laboratory) -> None:
    conditional = (
        "optimizers.nesterov={learning_rate: {min: 0.1, max: 0.5, scale: log},"
        " weight_decay: {values: [0, 1e-4]},"
        " momentum: {min: 0.5, max: 0.9, scale: one_minus_log, when: {weight_decay: 0}}}"
    )
    laboratory.submit(quick_study(conditional, "budget.trials=12"))
    with laboratory.read() as connection:
        (study,) = load_studies(connection, "quick")
    inactive = np.array(["momentum" not in point for point in study.points])
    assert 0 < inactive.sum() < 12
    assert np.array_equal(np.isnan(study.units[:, 2]), inactive)
    assert not np.isnan(study.units[:, :2]).any()


def test_a_given_point_may_lie_outside_the_space(laboratory: Laboratory) -> None:
    given = (
        "optimizers.nesterov={learning_rate: {min: 0.1, max: 0.5, scale: log},"
        " weight_decay: {min: 1e-6, max: 1e-3, scale: log}, momentum: {values: [0.5, 0.9]},"
        " enqueue: [{learning_rate: 5, weight_decay: 0, momentum: 0.7}]}"
    )
    laboratory.submit(quick_study(given))
    with laboratory.read() as connection:
        (study,) = load_studies(connection, "quick")
    assert study.units[0, 0] > 1
    assert np.isnan(study.units[0, 1:]).all()
    assert ((study.units[1:] >= 0) & (study.units[1:] < 1)).all()
    assert study.replication
