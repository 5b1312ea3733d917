"""PED-ANOVA finds which parameter matters."""

import math

import numpy as np
import optuna
import pytest

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.importance import importance


@pytest.mark.parametrize("goal", list(Goal))
def test_the_parameter_that_matters_has_the_largest_share(goal: Goal) -> None:
    units = np.random.default_rng(0).random((200, 3))
    sign = 1 if goal is Goal.MINIMIZE else -1
    shares = importance(units, sign * (units[:, 1] - 0.3) ** 2, goal)
    assert shares is not None
    assert shares.sum() == pytest.approx(1)
    assert np.argmax(shares) == 1
    assert shares[1] > 0.7


def test_infeasible_trials_are_left_out() -> None:
    units = np.random.default_rng(1).random((60, 3))
    values = units[:, 0].copy()
    values[:20] = math.inf
    found = importance(units, values, Goal.MINIMIZE)
    alone = importance(units[20:], values[20:], Goal.MINIMIZE)
    assert found == pytest.approx(alone)
    assert found is not None
    assert np.argmax(found) == 0


def test_a_conditional_parameter_is_judged_by_the_trials_in_which_it_is_active() -> None:
    """It decides all where it is active; the parameter that is never active gets nothing."""
    units = np.random.default_rng(3).random((200, 4))
    active = units[:, 1] < 0.5
    values = np.where(active, (units[:, 2] - 0.7) ** 2, 1.0)
    units[~active, 2] = math.nan
    units[:, 3] = math.nan
    shares = importance(units, values, Goal.MINIMIZE)
    assert shares is not None
    assert shares.sum() == pytest.approx(1)
    assert shares[3] == 0
    assert np.argmax(shares) == 2
    assert shares[1] > shares[0]


def test_the_order_of_trials_and_the_goal_do_not_matter() -> None:
    units = np.random.default_rng(4).random((50, 2))
    values = np.abs(units[:, 0] - 0.2) + 0.1 * units[:, 1]
    found = importance(units, values, Goal.MINIMIZE)
    assert importance(units[::-1], values[::-1], Goal.MINIMIZE) == pytest.approx(found)
    assert importance(units, -values, Goal.MAXIMIZE) == pytest.approx(found)


def test_optuna_stays_silent_and_keeps_its_verbosity(capfd: pytest.CaptureFixture[str]) -> None:
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.INFO)
    try:
        units = np.random.default_rng(5).random((20, 2))
        assert importance(units, units[:, 0], Goal.MINIMIZE) is not None
        assert optuna.logging.get_verbosity() == optuna.logging.INFO
    finally:
        optuna.logging.set_verbosity(before)
    assert capfd.readouterr() == ("", "")


def test_a_search_run_without_a_verdict_is_refused() -> None:
    with pytest.raises(ValueError, match="NaN"):
        importance(np.zeros((2, 1)), [1.0, math.nan], Goal.MINIMIZE)
    with pytest.raises(ValueError, match="shape"):
        importance(np.zeros((3, 1)), [1.0, 2.0], Goal.MINIMIZE)


def test_nothing_is_said_of_few_or_equal_trials() -> None:
    units = np.random.default_rng(2).random((40, 2))
    assert importance(units[:19], units[:19, 0], Goal.MINIMIZE) is None
    assert importance(units, np.ones(40), Goal.MINIMIZE) is None
    infeasible = np.where(np.arange(40) < 19, units[:, 0], math.inf)
    assert importance(units, infeasible, Goal.MINIMIZE) is None
