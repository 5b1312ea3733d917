"""Each rule on studies made by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from benchmarks import protocol_rules as rules
from benchmarks.protocol_rules import Rule, Studies, decisions
from shampoo_tune.study import Budget

BUDGET = Budget(steps=30, trials=20)
WORST = -np.inf


def studies(search: list[list[float]], rerun: object = 0.0, final: object = 0.0) -> Studies:
    """Studies with these values; a number stands for every value of a phase."""
    n = len(search)
    return Studies.of(
        np.array(search, float),
        np.broadcast_to(np.asarray(rerun, float), (n, 5)),
        np.broadcast_to(np.asarray(final, float), (n, 50)),
    )


def test_the_best_single_seed_decides_and_ties_name_nobody() -> None:
    low, high = studies([[0.1, 0.8]]), studies([[0.9, WORST]])
    assert rules.best_single_seed(high, low) == 1
    assert rules.best_single_seed(low, high) == -1
    assert rules.best_single_seed(low, low) == 0


def test_the_mean_of_three_is_of_the_best_trial_of_all_searches() -> None:
    reruns = [[0.1, 0.2, 0.3, 9, 9], [0.5, 0.6, 0.7, WORST, WORST]]
    two = studies([[0.8, 0.2], [0.3, 0.9]], reruns)
    assert rules.mean_of_three(two, studies([[1.0, 1.0]], 0.59)) == 1
    assert rules.mean_of_three(two, studies([[1.0, 1.0]], 0.61)) == -1


def test_a_diverged_rerun_loses_against_any_number() -> None:
    diverged = studies([[0.9]], [[0.9, WORST, 0.9, 0.9, 0.9]])
    assert rules.mean_of_three(diverged, studies([[0.1]], 0.1)) == -1
    assert rules.three_by_t_test(diverged, studies([[0.1]], 0.1)) == 0


@settings(max_examples=30)
@given(st.lists(st.floats(-1, 1), min_size=6, max_size=6))
def test_the_t_test_is_scipys(values: list[float]) -> None:
    first, second = np.array(values[:3]), np.array(values[3:])
    if np.ptp(first) < 1e-3 or np.ptp(second) < 1e-3:
        return
    p_value = stats.ttest_ind(first, second).pvalue
    pair = [studies([[0.0]], [*part, 0, 0]) for part in (first, second)]
    expected = int(np.sign(first.mean() - second.mean())) if p_value < 0.05 else 0
    assert rules.three_by_t_test(*pair) == expected


def test_algoperf_takes_the_median_over_studies_of_the_best_of_five_trials() -> None:
    ignored = 99.0  # a sixth trial
    first = studies([[v, 0, 0, 0, 0, ignored] for v in (0.1, 0.9, 0.5, WORST, 0.6)])
    second = studies([[0, v, 0, 0, 0, 0] for v in (0.4, 0.4, 0.4, 1.0, 1.0)])
    assert rules.algoperf(first, second) == 1  # 0.5 against 0.4
    assert rules.algoperf(second, first) == -1


def test_the_larger_algoperf_makes_one_study_of_several_searches() -> None:
    bests = [1.0, 2.0, 3.0, 4.0, 5.0]
    first = studies([[0, best] for best in bests for _ in range(2)])
    second = studies([[2.9, 2.9]] * 10)
    assert rules.larger_algoperf(first, second) == 1  # 3 against 2.9


def test_one_study_names_no_optimizer() -> None:
    assert rules.configuration_only(studies([[1.0]], 1, 1), studies([[0.0]])) == 0


def test_the_interval_over_seeds_names_whoever_has_the_better_winner() -> None:
    noise = np.random.default_rng(0).normal(size=50)
    better, worse = studies([[0.0]], final=2 + noise), studies([[0.0]], final=noise[::-1])
    assert rules.interval_over_seeds(better, worse) == 1
    assert rules.interval_over_seeds(worse, better) == -1
    assert rules.interval_over_seeds(worse, worse) == 0


def test_the_interval_over_studies_is_students_on_paired_medians() -> None:
    medians = np.array([[0.50], [0.60], [0.40]])
    first = studies([[0.0]] * 3, final=medians + np.array([[0.10], [0.11], [0.12]]))
    second = studies([[0.0]] * 3, final=medians)
    assert rules.over_studies(0.0)(first, second) == 1
    assert rules.over_studies(0.0)(second, first) == -1
    assert rules.over_studies(0.12)(first, second) == 0  # 0.11 is too little to count
    unpaired = second.rows(np.array([2, 0, 1]))
    assert rules.over_studies(0.0)(first, unpaired) == 0


def test_an_infinite_median_lets_the_interval_over_studies_name_nobody() -> None:
    first = studies([[0.0]] * 3, final=1.0)
    second = studies([[0.0]] * 3, final=[[WORST], [0.1], [0.1]])
    assert rules.over_studies(0.0)(first, second) == 0


def test_comparisons_share_no_study_and_keep_replicates_together() -> None:
    seen: list[list[float]] = []

    def decide(a: Studies, b: Studies) -> int:
        seen.append([*a.search[:, 0], *b.search[:, 0]])
        return 1

    first, second = studies([[k] for k in range(7)]), studies([[10 + k] for k in range(6)])
    assert decisions(Rule("", 3, 0, decide), first, second).tolist() == [1, 1]
    assert seen == [[0, 1, 2, 10, 11, 12], [3, 4, 5, 13, 14, 15]]
    assert decisions(Rule("", 1, 0, decide, limit=2), first, second).tolist() == [1, 1]


def test_the_stated_costs_are_those_of_the_protocol() -> None:
    runs = {rule.name: (rule.studies, rule.runs) for rule in rules.rules(BUDGET, 1 / 359)}
    assert runs["(d) ours, 5 studies"] == (5, 5 * 85)
    assert runs["(c) AlgoPerf 5 x 5"] == (5, 25)
    equal = [cost for name, (_, cost) in runs.items() if "equal cost" in name or "(b)" in name[20:]]
    assert len(equal) == 4
    assert all(0.94 * 425 <= cost <= 425 for cost in equal)


@pytest.mark.parametrize("rule", rules.rules(BUDGET, 0.0), ids=lambda rule: rule.name)
def test_exchanging_the_arms_exchanges_the_answer(rule: Rule) -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        a, b = (
            Studies.of(*(shift + rng.normal(size=(rule.studies, k)) for k in (20, 5, 50)))
            for shift in (0.0, 0.5)
        )
        assert rule.decide(a, b) == -rule.decide(b, a)
