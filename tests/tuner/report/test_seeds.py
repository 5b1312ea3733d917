"""The final seeds and what led to them."""

import dataclasses
import math

import numpy as np
import pytest

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.seeds import final_seeds, results_table, values_table
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_final, with_search

COUNTS = [350, 351, 349, 352, 353, 348, 350]
VALUES = [count / 359 for count in COUNTS]


def finished(base: StudyData, values: list[float] = VALUES, **changes: object) -> StudyData:
    searched = with_search(base, [355 / 359, 0.2])
    finalists = {0: np.array([352 / 359, 354 / 359, 351 / 359])}
    return with_final(searched, values, finalist_values=finalists, **changes)


def test_search_finalist_and_final_stand_side_by_side(base: StudyData) -> None:
    view = final_seeds(finished(base, final_test=np.array([0.9, 0.8, 0.7] * 2 + [0.85])))
    assert view.median == sorted(VALUES)[3]
    assert view.interval is not None
    assert (view.interval.low, view.interval.high) == (min(VALUES), max(VALUES))
    assert view.finalist_median == 352 / 359
    assert view.search_value == 355 / 359
    assert view.gap == pytest.approx(5 / 359)
    assert view.test_median == 0.8
    row = results_table([view]).rows[0]
    assert row[1:3] == ("0.975 (350/359)", "[0.969, 0.983]")
    assert row[4:] == (
        "0.989 (best of 2, 1 seed)", "0.981 (3 seeds)", "+0.014", "0.800"
    )  # fmt: skip


def test_no_median_before_all_seeds_are_in(base: StudyData) -> None:
    view = final_seeds(finished(base, [*VALUES[:4], math.nan, math.nan], state="running"))
    assert view.values.tolist() == VALUES[:4]
    assert (view.median, view.interval, view.reached, view.gap) == (None, None, None, None)
    assert results_table([view]).rows[0][1:4] == ("4 of 6 seeds so far", "-", "-")


def test_a_study_that_ended_early_reports_the_seeds_it_has(base: StudyData) -> None:
    view = final_seeds(finished(base, seeds=50))
    assert view.complete
    assert "ended after 7 of 50 seeds" in results_table([view]).rows[0][1]
    assert not final_seeds(finished(base, seeds=50, state="running")).complete


@pytest.mark.parametrize("infeasible", [1, 3, 4, 7])
def test_infeasible_seeds_count_as_the_worst(base: StudyData, infeasible: int) -> None:
    values = [-math.inf] * infeasible + VALUES[infeasible:]
    view = final_seeds(finished(base, values))
    assert view.infeasible == infeasible
    middle = sorted(values)[3]
    assert view.median == (middle if math.isfinite(middle) else None)
    if infeasible >= 4:
        assert results_table([view]).rows[0][1] == "falls on an infeasible run"


def test_few_seeds_have_no_interval(base: StudyData) -> None:
    view = final_seeds(finished(base, VALUES[:5]))
    assert view.interval is None
    assert results_table([view]).rows[0][2] == "n too small (5 seeds, 6 needed)"


def test_reaching_is_at_or_past_the_target(base: StudyData) -> None:
    view = final_seeds(finished(base, target=350 / 359))
    assert view.reached is not None
    assert (view.reached.reached, view.reached.n) == (5, 7)
    assert final_seeds(finished(base, target=None)).reached is None


def test_a_loss_is_shown_without_counts(base: StudyData) -> None:
    study = finished(base, [0.5, 0.6, 0.7], goal=Goal.MINIMIZE, resolution=None)
    assert results_table([final_seeds(study)]).rows[0][1] == "0.6"


def test_every_run_is_in_the_table(base: StudyData) -> None:
    view = final_seeds(finished(base))
    rows = values_table([view, view]).rows
    assert len(rows) == 14
    assert rows[1] == (view.study, "1", "0.978 (351/359)")


def test_a_study_without_a_winner_knows_nothing(base: StudyData) -> None:
    view = final_seeds(dataclasses.replace(with_search(base, [0.1]), state="running"))
    assert (view.winner, view.search_value, view.window) == (None, None, None)


@pytest.mark.parametrize(
    ("search", "goal", "told"),
    [
        ([0.8, 0.7, None], Goal.MAXIMIZE, "0.800 (best of 3, 1 seed)"),
        ([0.8, 0.9, None], Goal.MAXIMIZE, "0.800 (1 seed; best of 3: 0.900)"),
        ([0.8, 0.5, None], Goal.MINIMIZE, "0.800 (1 seed; best of 3: 0.500)"),
    ],
)
def test_the_search_value_is_called_the_best_only_if_it_is(
    base: StudyData, search: list[float | None], goal: Goal, told: str
) -> None:
    study = with_final(with_search(base, search, goal), [0.75] * 7)
    (row,) = results_table([final_seeds(study)]).rows
    assert row[4] == told
