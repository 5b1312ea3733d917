"""What stands in the way of a verdict, on groups that were really submitted or trained."""

from tests.tuner.comparison.conftest import TWO_ARMS, Pairs
from tests.tuner.conftest import quick_study


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
