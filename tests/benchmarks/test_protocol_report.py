"""Tables say what was counted."""

import numpy as np

from benchmarks import protocol_report as report
from benchmarks.protocol_rules import Rule, Studies
from benchmarks.protocol_selection import RUNS, Candidates


def studies(values: list[float]) -> Studies:
    """Studies of which every run has the same value."""
    column = np.array(values)[:, None]
    return Studies.of(*(np.repeat(column, k, axis=1) for k in (20, 5, 50)))


ARMS = {
    "plain": studies([1.0, 2.0, 3.0, 4.0, 1.0, 5.0, 3.0, 9.0]),
    "weaker": studies([0.5, 3.0, 2.0, 1.0]),
    "weak": studies([0.0, 0.1, 0.2, -np.inf]),
}
RULE = Rule("larger", 1, 7, lambda a, b: int(np.sign(a.search.max() - b.search.max())))


def test_the_plain_arm_meets_other_replicates_of_itself_and_the_same_of_the_others() -> None:
    (found,) = report.rates([RULE], ARMS)
    assert found.same.tolist() == [0, -1, 0, -1]
    assert found.weaker.tolist() == [1, -1, 1, 1]
    assert found.weak.tolist() == [1, 1, 1, 1]
    assert found.shuffled is None


def test_a_rule_that_always_names_somebody_does_so_in_every_shuffle() -> None:
    always = Rule("always", 2, 0, lambda a, b: 1)
    too_large = Rule("too large", 5, 0, lambda a, b: 1)
    first, second = report.rates([always, too_large], ARMS)
    assert first.shuffled == 1.0
    assert len(first.same) == 2
    assert second.shuffled is None


def test_rates_are_shown_with_their_intervals() -> None:
    table = report.rates_table(report.rates([RULE, Rule("none", 9, 0, lambda a, b: 0)], ARMS))
    first, second = table.splitlines()[2:]
    assert first.startswith("| larger | 7 | 4 | 50.0 % [6.8, 93.2] |  | 75.0 % [19.4, 99.4] | 25.0")
    assert second.count(report.TOO_FEW) == 5
    assert len({line.count("|") for line in table.splitlines()}) == 1


def test_the_short_table_puts_sources_side_by_side() -> None:
    found = {"real": report.rates([RULE], ARMS), "made up": report.rates([RULE], ARMS)}
    (row,) = report.short_table(found, 3).splitlines()[2:]
    assert row.count("50.0 % [6.8, 93.2] | 75.0 % / 25.0 %") == 2


def test_the_truth_is_the_paired_difference_of_finite_medians() -> None:
    source = report.Source("real", ARMS, (np.empty((0, 6)), np.empty(0)), _candidates())
    plain, weaker, weak = report.truth_table(source).splitlines()[2:]
    assert plain.startswith("| plain | 8 | 0 | 3.5000 |")
    assert "| 0.87500 ± " in weaker  # (0.5 - 1 + 1 + 3) / 4
    assert weak.startswith("| weak | 4 | 1 | 0.1000 | 0.1000 | 1.90000 ± ")


def test_regret_is_shown_in_thousandths() -> None:
    first = report.selection_table(_candidates()).splitlines()[2]
    assert first == "| 3 x 5 | 100.00 ± 0.00 |  |"


def _candidates() -> Candidates:
    truth = np.full((4, 8), 0.5)
    truth[:, 5] = 0.6
    return Candidates(np.zeros((4, 8, RUNS)), np.zeros((4, 8, RUNS)), truth)
