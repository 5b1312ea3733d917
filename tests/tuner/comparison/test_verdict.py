"""What stands in the way of a verdict, on groups that were really submitted or trained."""

from pathlib import Path

import pytest

from shampoo_tune.tuner.comparison.comparing import compare_groups
from tests.tuner.comparison.conftest import TWO_ARMS, Pairs
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import Formula, PretendedLaboratory


def test_a_group_that_is_not_finished_has_no_verdict_yet(pairs: Pairs) -> None:
    pairs.laboratory.submit(quick_study("name=waiting", text=TWO_ARMS))
    comparison = pairs.compare("waiting")
    assert comparison.verdict == (
        "No verdict yet: waiting/nesterov is queued, waiting/slow is queued."
    )
    assert not comparison.condition_met
    assert comparison.rows[0].best_of == {}


def test_an_arm_without_a_feasible_trial_has_no_verdict(pairs: Pairs) -> None:
    hopeless = "optimizers.slow={optimizer: nesterov, learning_rate: 1e15, momentum: 0.5}"
    comparison = pairs.compare(pairs.launch("hopeless", hopeless))
    assert comparison.verdict == "No verdict: hopeless/slow found no feasible trial."
    assert comparison.rows[1].infeasible == 5
    assert comparison.rows[1].best_of == {1: None, 2: None, 5: None}
    assert comparison.rows[1].studies[0].final_median is None


def test_points_chosen_by_earlier_values_have_no_verdict(pairs: Pairs) -> None:
    comparison = pairs.compare(pairs.launch("adaptive", "search.sampler=tpe"))
    assert comparison.verdict.startswith("No verdict for nesterov, slow: TPE chose later points")
    assert not comparison.condition_met
    assert all(row.best_of == {} for row in comparison.rows)


def test_a_single_arm_is_said_to_be_a_configuration_only(pairs: Pairs) -> None:
    alone = "optimizers={nesterov: {learning_rate: {min: 0.1, max: 0.5, scale: log}}}"
    comparison = pairs.compare(pairs.launch("alone", alone))
    assert comparison.conclusive
    assert comparison.verdict.startswith("alone/nesterov: median valid_accuracy 0.")
    assert comparison.verdict.endswith("(configuration only: one search, one winner).")
    assert "of 7 seeds reach 0.9" in comparison.verdict


def test_a_replication_is_marked_and_left_out_of_verdicts(pairs: Pairs) -> None:
    given = (
        "optimizers.slow={optimizer: nesterov, learning_rate: {min: 1e-3, max: 1, scale: log},"
        " enqueue: [{learning_rate: 0.3}]}"
    )
    comparison = pairs.compare(pairs.launch("replication", given))
    assert [row.replication for row in comparison.rows] == [False, True]
    assert comparison.pairs == ()
    assert "better" not in comparison.verdict
    assert "(a replication: its points were given, not searched)" in comparison.verdict


def told(laboratory: PretendedLaboratory, formula: Formula, *overrides: str) -> str:
    """The verdict on two arms, of which `slow` has the lower learning rates."""
    rates = "optimizers.slow.learning_rate={min: 1e-4, max: 1e-3, scale: log}"
    laboratory.run(quick_study("budget.seeds=20", rates, *overrides, text=TWO_ARMS), formula)
    with laboratory.read() as connection:
        return compare_groups(connection, ["pair"]).verdict


def higher(gap: float) -> Formula:
    """The arm `slow` is that much higher at all seeds but every fifth."""

    def formula(point: dict[str, object], seed: int) -> float:
        more = gap if is_slow(point) and seed % 5 else 0.0
        return round(359 * (0.5 + seed % 5 / 50 + more)) / 359

    return formula


def is_slow(point: dict[str, object]) -> bool:
    return float(str(point["learning_rate"])) < 0.01


def up_and_down(point: dict[str, object], seed: int) -> float:
    if is_slow(point):
        return 0.6 if seed % 2 else 0.4
    return 0.5 + seed % 3 / 100


@pytest.fixture
def laboratory(tmp_path: Path) -> PretendedLaboratory:
    return PretendedLaboratory(tmp_path)


def test_the_configuration_that_is_ahead_is_named_first(laboratory: PretendedLaboratory) -> None:
    verdict = told(laboratory, higher(0.1))
    assert "seeds: slow's is higher than nesterov's, by +0.100 [" in verdict
    assert "better" not in verdict.partition("Which optimizer is better")[0]


def test_of_losses_the_lower_one_is_ahead(laboratory: PretendedLaboratory) -> None:
    loss = ("metric.name=valid_loss", "metric.goal=minimize", "target=null")
    verdict = told(laboratory, higher(0.1), *loss)
    assert "seeds: slow's is lower than nesterov's, by -0.1003 [-0.1" in verdict


def test_what_seeds_do_not_show_is_no_difference(laboratory: PretendedLaboratory) -> None:
    verdict = told(laboratory, up_and_down)
    assert "seeds: no difference is shown between nesterov's and slow's, " in verdict


def test_less_than_two_examples_are_no_difference(laboratory: PretendedLaboratory) -> None:
    verdict = told(laboratory, higher(1 / 359))
    assert "nesterov's and slow's are less than two examples apart, which is no diff" in verdict
