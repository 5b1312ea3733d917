"""The result of a ladder against the database and arithmetic by hand."""

import json
import math

import pytest
from sqlalchemy import text

from shampoo_tune.errors import ConditionNotMetError
from shampoo_tune.tuner.ladder.reading import interval_over, read_ladders
from shampoo_tune.tuner.ladder.recorded import recorded_ladders
from shampoo_tune.tuner.messages import Job
from tests.tuner.ladder.conftest import Climb, gaining, tiny_ladder


def test_the_rungs_are_the_rows_of_the_public_view(climbed: Climb) -> None:
    (arm,) = climbed.result(tiny_ladder()).arms
    query = (
        "select median, ci_low, ci_high, seeds, reached, median_steps_to_target"
        " from v1_seed_medians where study = :study and phase = 'final'"
        " and metric = 'valid_accuracy'"
    )
    with climbed.laboratory.read() as connection:
        for rung in arm.rungs:
            row = connection.execute(text(query), {"study": f"{rung.group}/nesterov"}).one()
            interval = rung.interval
            assert interval is not None
            assert row[:5] == (rung.median, interval.low, interval.high, rung.seeds, rung.reached)
            crossing = rung.first_crossing
            assert row[5] == (None if math.isinf(crossing) else crossing)
    assert [rung.steps for rung in arm.rungs] == [30, 15, 8]
    assert [rung.stopped for rung in arm.rungs] == [False, False, True]


def test_the_steps_to_the_target_lie_on_the_line_between_two_rungs(climbed: Climb) -> None:
    (arm,) = climbed.result(tiny_ladder()).arms
    above, below, _ = (rung.median for rung in arm.rungs)
    assert below < 0.9 <= above
    expected = 15 * 2 ** ((0.9 - below) / (above - below))
    assert arm.steps_to_target == pytest.approx(expected)
    assert arm.interval is not None
    assert 8 < arm.interval.low < arm.steps_to_target < arm.interval.high <= 30


def test_the_same_ladder_gives_the_same_document(climbed: Climb) -> None:
    result = climbed.result(tiny_ladder())
    document = json.dumps(result.to_json(), allow_nan=False)
    assert document == json.dumps(climbed.result(tiny_ladder()).to_json(), allow_nan=False)
    assert (result.over, result.ratios) == ("seeds", ())
    with climbed.laboratory.read() as connection:
        assert result.runs == connection.scalar(text("select count(*) from runs"))
        steps = "select sum(s.steps) from runs r join studies s on s.id = r.study_id"
        assert result.steps == connection.scalar(text(steps))


def test_an_unfinished_ladder_has_no_result(climb: Climb) -> None:
    climb.stop_after = 5
    climb.run(tiny_ladder())
    with pytest.raises(ConditionNotMetError, match="not finished: climb-s8/nesterov"):
        climb.result(tiny_ladder())


def test_a_curve_that_is_known_is_crossed_where_it_crosses(climb: Climb) -> None:
    """The puppets' medians are linear in log(steps) and at the target with 16 steps."""
    climb.run(tiny_ladder())
    (arm,) = climb.result(tiny_ladder()).arms
    assert arm.steps_to_target == pytest.approx(16)
    assert arm.interval is not None
    assert 15 < arm.interval.low < 16 < arm.interval.high < 30


def test_an_arm_without_a_feasible_trial_needs_more_than_the_largest_budget(climb: Climb) -> None:
    climb.value = lambda job: math.nan
    climb.run(tiny_ladder())
    (arm,) = climb.result(tiny_ladder()).arms
    assert arm.steps_to_target == math.inf
    document = arm.to_json("seeds")
    assert (document["steps_to_target"], document["censored"]) == (None, "above")
    assert [rung["median"] for rung in document["rungs"]] == [None] * 3
    assert [rung["seeds"] for rung in document["rungs"]] == [0] * 3


def test_a_target_that_every_rung_reaches_gives_an_upper_bound(climb: Climb) -> None:
    climb.value = lambda job: 0.95
    climb.run(tiny_ladder())
    (arm,) = climb.result(tiny_ladder()).arms
    assert arm.steps_to_target == 8
    assert arm.to_json("seeds")["censored"] == "below"
    assert all(rung.reached == rung.seeds == 20 for rung in arm.rungs)


def test_three_studies_are_the_fewest_for_an_interval_over_studies() -> None:
    assert [interval_over((10, 20), r) for r in (1, 2, 3)] == ["seeds", None, "studies"]
    assert interval_over((5,), 1) is None


def test_replicates_give_an_interval_over_studies(climb: Climb) -> None:
    """Three studies that are shifted against each other: the middle one is the estimate."""
    climb.value = lambda job: gaining(job) + 0.01 * (job.seed // 1_000_000 - 1)
    ladder = tiny_ladder("budget.studies=3")
    climb.run(ladder)
    result = climb.result(ladder)
    (arm,) = result.arms
    assert result.over == "studies"
    assert arm.steps_to_target == pytest.approx(16, rel=0.01)
    assert arm.by_study == tuple(sorted(arm.by_study, reverse=True))
    assert arm.by_study[1] == pytest.approx(16, rel=0.01)
    assert arm.interval is not None
    assert arm.interval.low <= arm.by_study[2] < arm.by_study[0] <= arm.interval.high
    for rung in arm.rungs:
        assert rung.median == rung.studies[1].median
        assert rung.seeds == sum(study.seeds for study in rung.studies)


def test_two_studies_give_no_interval(climb: Climb) -> None:
    ladder = tiny_ladder("budget.studies=2")
    climb.run(ladder)
    result = climb.result(ladder)
    assert (result.over, result.arms[0].interval) == (None, None)
    document = result.to_json()["arms"]["nesterov"]
    assert (document["low"], document["high"], document["interval_over"]) == (None, None, None)
    assert document["steps_to_target"] == pytest.approx(16)


def test_two_arms_have_a_ratio(climb: Climb) -> None:
    """The second arm is behind by a factor of 1.5 in steps."""
    ladder = tiny_ladder("optimizers.slow={optimizer: nesterov, learning_rate: 0.01}", factor=0.6)

    def value(job: Job) -> float:
        slow = bool(job.configuration["schedule"]["learning_rate"] == 0.01)
        return gaining(job) - 0.1 * math.log(1.5) * slow

    climb.value = value
    climb.run(ladder)
    (ratio,) = climb.result(ladder).ratios
    assert ratio.ratio == pytest.approx(1 / 1.5)
    assert (ratio.p_value, ratio.fewer) == (None, None)


def test_any_rung_leads_to_the_whole_ladder_and_an_ordinary_group_to_none(climbed: Climb) -> None:
    with climbed.laboratory.read() as connection:
        (ladder,) = recorded_ladders(connection, ["climb-s8", "climb-s30"])
        assert dict(ladder.groups) == {30: "climb-s30", 15: "climb-s15", 8: "climb-s8"}
        (found,) = read_ladders(connection, ["climb-s15"])
    assert found.to_json() == climbed.result(tiny_ladder()).to_json()


def test_the_fit_is_monotone_and_keeps_what_is_monotone(climbed: Climb) -> None:
    (arm,) = climbed.result(tiny_ladder()).arms
    fitted = [rung.fitted for rung in arm.rungs]
    assert fitted == sorted(fitted, reverse=True)
    medians = [rung.median for rung in arm.rungs]
    if medians == sorted(medians, reverse=True):
        assert fitted == pytest.approx(medians)
