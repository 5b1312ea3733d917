"""Which trials are best."""

import random

import pytest

from shampoo_tune.study import Goal
from shampoo_tune.tuner.selection import Scored, best_trials


@pytest.mark.parametrize(("goal", "expected"), [(Goal.MAXIMIZE, [2, 0]), (Goal.MINIMIZE, [1, 0])])
def test_best_by_the_goal(goal: Goal, expected: list[int]) -> None:
    scored = [Scored(0, 0.5, 1.0), Scored(1, 0.1, 1.0), Scored(2, 0.9, 1.0)]
    assert best_trials(scored, goal, 2) == expected


def test_ties_go_to_the_lower_validation_loss_then_to_the_earlier_point() -> None:
    scored = [Scored(3, 0.9, 0.2), Scored(2, 0.9, 0.2), Scored(1, 0.9, 0.3), Scored(4, 0.9, None)]
    random.Random(0).shuffle(scored)
    assert best_trials(scored, Goal.MAXIMIZE, 4) == [2, 3, 1, 4]


@pytest.mark.parametrize("goal", Goal)
def test_a_median_on_an_infeasible_run_is_the_worst(goal: Goal) -> None:
    scored = [Scored(0, None, 0.0), Scored(1, 1e9, 1.0), Scored(2, -1e9, 1.0)]
    assert best_trials(scored, goal, 3)[-1] == 0


def test_fewer_trials_than_asked_for_are_all_returned() -> None:
    assert best_trials([Scored(5, 0.1, 0.1)], Goal.MAXIMIZE, 3) == [5]
