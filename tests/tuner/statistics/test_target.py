"""Shares at the target, and the two verdicts that are kept apart."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.target import share_interval, target_verdict


@pytest.mark.parametrize(("reached", "n"), [(0, 5), (5, 5), (41, 50), (1, 1)])
def test_the_interval_of_a_share_is_clopper_pearsons(reached: int, n: int) -> None:
    interval = share_interval(reached, n)
    low = 0.0 if reached == 0 else stats.beta.ppf(0.025, reached, n - reached + 1)
    high = 1.0 if reached == n else stats.beta.ppf(0.975, reached + 1, n - reached)
    assert (interval.low, interval.high) == pytest.approx((low, high))


@pytest.mark.parametrize("n", [1, 6, 20])
@pytest.mark.parametrize("share", [0.03, 0.5, 0.8])
def test_it_covers_with_95_percent_whatever_the_share(n: int, share: float) -> None:
    chances = stats.binom.pmf(np.arange(n + 1), n, share)
    intervals = [share_interval(k, n) for k in range(n + 1)]
    covered = [i.low <= share <= i.high for i in intervals]
    assert chances @ covered >= 0.95


@pytest.mark.parametrize(
    ("n", "needed"), [(5, 5), (6, 6), (10, 9), (15, 12), (20, 15), (50, 32), (51, 32), (100, 59)]
)
def test_so_many_seeds_confirm_that_the_median_is_above_the_target(n: int, needed: int) -> None:
    for reached, confirmed in ((needed, True), (needed - 1, False)):
        values = [1.0] * reached + [0.0] * (n - reached)
        assert target_verdict(values, 0.5, Goal.MAXIMIZE).confirmed is confirmed


def test_the_point_verdict_is_not_the_confirmed_one() -> None:
    verdict = target_verdict([0.97] * 26 + [0.5] * 24, 0.97, Goal.MAXIMIZE)
    assert verdict.median_reaches
    assert not verdict.confirmed
    assert verdict.reached == 26


@pytest.mark.parametrize(("reached", "n"), [(0, 7), (3, 7), (7, 7), (32, 50)])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_it_is_scipys_exact_interval(reached: int, n: int, confidence: float) -> None:
    expected = stats.binomtest(reached, n).proportion_ci(confidence, method="exact")
    interval = share_interval(reached, n, confidence)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("reached", "n"), [(-1, 5), (6, 5), (0, 0)])
def test_a_share_is_part_of_a_whole(reached: int, n: int) -> None:
    with pytest.raises(ValueError, match="successes"):
        share_interval(reached, n)


@given(st.integers(0, 20), st.integers(0, 20))
def test_the_p_value_is_scipys(reached: int, missed: int) -> None:
    if reached + missed:
        verdict = target_verdict([1.0] * reached + [2.0] * missed, 1.5, Goal.MINIMIZE)
        expected = stats.binomtest(reached, reached + missed, alternative="greater").pvalue
        assert verdict.p_value == pytest.approx(expected)


@given(st.integers(2, 2000), st.data())
def test_two_counts_around_the_target_reach_it_together(n: int, data: st.DataObject) -> None:
    """The mean of two counts / n is the target's count, however the three are rounded."""
    low = data.draw(st.integers(0, n - 2))
    high = low + 2 * data.draw(st.integers(1, (n - low) // 2))
    middle = (low + high) // 2
    for goal in Goal:
        assert target_verdict([low / n, high / n], middle / n, goal).median_reaches
    assert not target_verdict([low / n, (high - 1) / n], middle / n, Goal.MAXIMIZE).median_reaches
    assert not target_verdict([(low + 1) / n, high / n], middle / n, Goal.MINIMIZE).median_reaches


@pytest.mark.parametrize("infeasible", [1, 25, 26, 50])
@pytest.mark.parametrize("goal", list(Goal))
def test_infeasible_seeds_stay_in_the_count(infeasible: int, goal: Goal) -> None:
    worst = -math.inf if goal is Goal.MAXIMIZE else math.inf
    verdict = target_verdict([worst] * infeasible + [1.0] * (50 - infeasible), 1.0, goal)
    assert (verdict.n, verdict.reached) == (50, 50 - infeasible)
    assert verdict.median_reaches is (infeasible < 25)


@given(
    st.lists(st.integers(0, 359), min_size=1, max_size=40), st.integers(0, 359), st.integers(0, 5)
)
def test_both_goals_agree_on_mirrored_values(
    counts: list[int], target: int, infeasible: int
) -> None:
    values = [count / 359 for count in counts] + [-math.inf] * infeasible
    up = target_verdict(values, target / 359, Goal.MAXIMIZE)
    down = target_verdict([-value for value in values], -target / 359, Goal.MINIMIZE)
    assert up == down
    assert up.reached == sum(count >= target for count in counts)
    assert up.n == len(values)
