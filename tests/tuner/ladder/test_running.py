"""Ladders are declared whole, stopped where hopeless, continued, and never mixed up."""

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage.database import create_or_open, open_existing
from shampoo_tune.tuner import lookup
from shampoo_tune.tuner.ladder.running import describe, submit_ladder
from shampoo_tune.tuner.messages import Job
from shampoo_tune.tuner.statistics.looks import spending
from tests.tuner.conftest import Laboratory, quick_study
from tests.tuner.ladder.conftest import TINY, Climb, tiny_ladder
from tests.tuner.ladder.puppets import BrokenPuppetError

SEARCH = 3 + 2 * 2  # runs before the final phase


def test_every_rung_is_tuned_in_full_and_a_hopeless_one_stops_early(climbed: Climb) -> None:
    with climbed.laboratory.read() as connection:
        rows = connection.execute(
            text(
                "select g.name, r.phase, count(*) from runs r join studies s on s.id = r.study_id"
                " join groups g on g.id = s.group_id group by g.name, r.phase"
            )
        )
        counts = {(name, phase): count for name, phase, count in rows}
    for steps, seeds in ((30, 20), (15, 20), (8, 10)):
        group = f"climb-s{steps}"
        assert counts[group, "search"] == 3
        assert counts[group, "finalists"] == 4
        assert counts[group, "final"] == seeds


def test_a_stopped_study_is_complete_everywhere(climbed: Climb) -> None:
    """Summary, SQL view and best.yaml take its ten seeds for all there will be."""
    url = climbed.laboratory.url
    with open_existing(url) as database:
        (study,) = lookup.summary_of(database, "climb-s8").studies
        best = lookup.best_of(database, "climb-s8", provisional=False)
    assert (study.state, study.stopped, study.seeds) == ("completed", True, 10)
    assert study.runs_done == study.runs_total == SEARCH + 10
    assert study.reached is not None
    assert study.reached <= 1
    assert study.ci_low is not None
    assert study.test_median is not None
    assert best.evidence["provisional"] is False
    assert best.evidence["final"]["seeds"] == 10
    with open_existing(url) as database:
        (full,) = lookup.summary_of(database, "climb-s30").studies
    assert (full.stopped, full.seeds, full.runs_total) == (False, 20, SEARCH + 20)


def test_a_finished_ladder_trains_nothing_again(climbed: Climb) -> None:
    before = climbed.trained
    assert [summary.state for summary in climbed.run(tiny_ladder())] == ["completed"] * 3
    assert climbed.trained == before == 3 * SEARCH + 20 + 20 + 10


def test_all_rungs_are_declared_before_anything_runs(climb: Climb) -> None:
    climb.stop_after = 0
    summaries = climb.run(tiny_ladder())
    assert climb.trained == 0
    assert [summary.state for summary in summaries] == ["queued"] * 3
    with climb.laboratory.read() as connection:
        assert connection.scalar(text("select count(*) from trials")) == 3 * 3
        stored = connection.scalars(
            text("select json_extract(provenance, '$.ladder.index') from groups order by id")
        ).all()
    assert stored == [0, 1, 2]


def test_an_interrupted_ladder_continues_to_the_same_result(climb: Climb, tmp_path: Path) -> None:
    for stop_after in (3, SEARCH + 4, SEARCH + 25, None):  # in the search, a look, the next rung
        climb.stop_after = stop_after
        climb.run(tiny_ladder())
    (tmp_path / "whole").mkdir()
    whole = replace(climb, laboratory=Laboratory(tmp_path / "whole"))
    whole.run(tiny_ladder())
    assert climb.trained == whole.trained
    # All but the attempts: those that were given up when it was interrupted are counted.
    interrupted, undisturbed = (
        re.sub(r"attempts=\d+", "", repr(each.result(tiny_ladder()))) for each in (climb, whole)
    )
    assert interrupted == undisturbed


@pytest.mark.parametrize("seed", range(4))
def test_looks_stop_what_the_test_stops_and_nothing_else(climb: Climb, seed: int) -> None:
    """Random seeds around one half: every study ends where its own successes say."""
    rng = np.random.default_rng(seed)
    shares = dict(zip((30, 15, 8), rng.uniform(0, 0.6, 3), strict=True))
    reaches = {steps: rng.random(25) < share for steps, share in shares.items()}
    climb.value = lambda job: float(reaches[job.steps][job.seed % 1000 % 25])
    climb.run(tiny_ladder("budget.seeds=25"))
    with climb.laboratory.read() as connection:
        query = "select study, seeds from v1_seed_medians where phase = 'final' group by 1, 2"
        seeds = {str(study): int(n) for study, n in connection.execute(text(query))}
    for steps, reached in reaches.items():
        limits = dict(zip((10, 20), spending((10, 20, 25)), strict=True))
        ends = [look for look, limit in limits.items() if reached[:look].sum() <= limit]
        assert seeds[f"climb-s{steps}/nesterov"] == min([*ends, 25])


def test_success_stops_nothing(climb: Climb) -> None:
    climb.value = lambda job: 1.0
    climb.run(tiny_ladder())
    (arm,) = climb.result(tiny_ladder()).arms
    assert [rung.seeds for rung in arm.rungs] == [20, 20, 20]


def test_infeasible_seeds_have_not_reached(climb: Climb) -> None:
    climb.value = lambda job: math.nan if job.seed >= 200_000 else 0.95
    climb.run(tiny_ladder())
    (arm,) = climb.result(tiny_ladder()).arms
    assert [(rung.seeds, rung.reached, rung.stopped) for rung in arm.rungs] == [(10, 0, True)] * 3
    assert [rung.median for rung in arm.rungs] == [-math.inf] * 3


def test_a_failing_rung_ends_the_ladder(climb: Climb) -> None:
    """The other rungs would fail alike; they stay declared."""

    def fail(job: Job) -> float:
        raise BrokenPuppetError

    climb.value = fail
    summaries = climb.run(tiny_ladder())
    assert [summary.state for summary in summaries] == ["blocked", "queued", "queued"]
    assert summaries[0].failed


def test_another_factor_under_the_same_name_is_refused(climb: Climb) -> None:
    climb.stop_after = 0
    climb.run(tiny_ladder())
    with pytest.raises(InvalidInputError, match=r"ladder\.factor: 0\.5 in the group, 0\.7 in"):
        climb.run(tiny_ladder(factor=0.7))
    climb.run(tiny_ladder(factor=0.7, name="other"))
    with climb.laboratory.read() as connection:
        assert connection.scalar(text("select count(*) from groups")) == 6


def test_a_changed_file_is_refused_even_if_no_budget_is_the_same(climb: Climb) -> None:
    climb.stop_after = 0
    climb.run(tiny_ladder())
    with pytest.raises(InvalidInputError, match=r"target: 0\.9 in the group, 0\.8 in the file"):
        climb.run(tiny_ladder("target=0.8"))
    with pytest.raises(InvalidInputError, match="climb-s30, climb-s15, climb-s8 belong to another"):
        climb.run(tiny_ladder("budget.steps=100"))


def test_a_rung_and_a_plain_file_are_never_taken_for_each_other(climb: Climb) -> None:
    climb.stop_after = 0
    climb.run(tiny_ladder())
    plain = quick_study(*TINY, "name=climb-s30")
    with pytest.raises(InvalidInputError, match="group 'climb-s30' was made from a different file"):
        climb.laboratory.launch(plain)
    with create_or_open(climb.laboratory.url) as database, database.write() as connection:
        connection.execute(
            text("update groups set provenance = json_remove(provenance, '$.ladder')")
        )
        with pytest.raises(InvalidInputError, match=r"ladder\.name: None in the group, climb"):
            submit_ladder(connection, tiny_ladder())


def test_a_description_counts_what_would_be_trained() -> None:
    shown = describe(tiny_ladder())
    assert "climb-s30: 30 steps a run; 1 x (7 runs of the search, 10 or 20 final seeds)" in shown
    assert f"at most {(SEARCH + 20) * (30 + 15 + 8):,} steps in all" in shown
