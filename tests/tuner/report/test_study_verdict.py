"""The sentence of a study, whatever is known of it."""

import math

import pytest

from shampoo_tune.tuner.report.standing import Standing
from shampoo_tune.tuner.report.study_verdict import study_verdict
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_final, with_search

SEARCH = [0.5, None, 0.9, math.nan]


def test_seeds_that_all_pass_are_a_tick(base: StudyData) -> None:
    said = study_verdict(with_final(base, [0.95] * 7))
    assert said.standing is Standing.REACHED
    assert "7 of 7 seeds reach 0.9" in said.sentence


def test_the_same_median_without_an_interval_is_none(base: StudyData) -> None:
    said = study_verdict(with_final(base, [0.95] * 5))
    assert said.standing is Standing.NO_INTERVAL


def test_a_median_on_an_infeasible_run_is_told(base: StudyData) -> None:
    said = study_verdict(with_final(base, [-math.inf] * 7))
    assert said.standing is not Standing.REACHED
    assert "falls on an infeasible run" in said.sentence


@pytest.mark.parametrize(
    ("state", "values", "failed", "words"),
    [
        ("running", SEARCH, 0, "3 of 4 trials have their search value; the best is 0.900 by one"),
        ("running", [None, math.nan], 0, "1 of 2 trials have their search value, all infeasible"),
        ("queued", [math.nan] * 3, 0, "none of the 3 trials has a result"),
        ("cancelled", SEARCH, 0, "No verdict, the group was cancelled: 3 of 4"),
        ("blocked", SEARCH, 2, "No verdict: 2 runs failed"),
        ("completed", [None, None], 0, "the search found no feasible trial"),
        ("completed", [0.5, 0.6], 0, "the search is done, and its best trials are to be run"),
    ],
)
def test_an_unfinished_study_has_no_verdict_but_says_how_far_it_is(
    base: StudyData, state: str, values: list[float | None], failed: int, words: str
) -> None:
    said = study_verdict(with_search(base, values, state=state), failed)
    assert said.standing is Standing.PENDING
    assert words in said.sentence
    assert said.sentence.count("No verdict") == 1
