"""Whole launches of a quick study."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.launching import default_name, describe
from shampoo_tune.workloads import WORKLOADS
from tests.conftest import QUICK, QUICK_RUNS
from tests.tuner.conftest import Laboratory, quick_study

CURVES = "select phase, trial, seed, step, metric, value from v1_curves order by 1, 2, 3, 4, 5"


def test_a_launch_trains_every_run_once(laboratory: Laboratory) -> None:
    summary = laboratory.launch(quick_study())
    (study,) = summary.studies
    assert (summary.state, study.state) == ("completed", "completed")
    assert study.runs_done == study.runs_total == len(laboratory.finished) == QUICK_RUNS
    assert study.median is not None
    assert study.median > 0.85
    with laboratory.read() as connection:
        assert connection.scalar(text("select count(*) from attempts")) == QUICK_RUNS


def test_one_worker_and_two_give_the_same_bits(
    another_laboratory: Callable[[], Laboratory],
) -> None:
    curves = []
    for workers in (1, 2):
        laboratory = another_laboratory()
        laboratory.launch(quick_study(), workers)
        with laboratory.read() as connection:
            curves.append(connection.execute(text(CURVES)).all())
    assert curves[0] == curves[1]
    assert len(curves[0]) == QUICK_RUNS * 3 * len(WORKLOADS["mlp_digits"].metrics)


def test_arms_share_the_seeds_of_the_final_phase(laboratory: Laboratory) -> None:
    adamw = "  adamw:\n    learning_rate: {min: 0.005, max: 0.05, scale: log}\n"
    summary = laboratory.launch(quick_study(text=QUICK + adamw))
    assert [study.study for study in summary.studies] == ["quick/nesterov", "quick/adamw"]
    with laboratory.read() as connection:
        seeds = [
            connection.scalars(
                text(
                    "select distinct r.seed from runs r join studies s on s.id = r.study_id"
                    " where s.name = :study and r.phase <> 'search' order by 1"
                ),
                {"study": study.study},
            ).all()
            for study in summary.studies
        ]
    assert seeds[0] == seeds[1]
    assert len(seeds[0]) == 3 + 7


def test_replicates_are_studies_with_other_points_and_other_seeds(laboratory: Laboratory) -> None:
    small = ["budget.studies=2", "budget.trials=2", "budget.seeds=2", "budget.steps=2"]
    summary = laboratory.launch(quick_study(*small))
    assert [s.study for s in summary.studies] == ["quick/nesterov", "quick/nesterov#1"]
    with laboratory.read() as connection:
        assert connection.scalar(text("select max(seed) from runs")) == 1_200_001
        rates = "select count(distinct value_number) from v1_trial_parameters where name = :name"
        assert connection.scalar(text(rates), {"name": "learning_rate"}) == 4


def test_a_study_without_a_feasible_trial_ends_without_a_winner(laboratory: Laboratory) -> None:
    hopeless = ["optimizers.nesterov.learning_rate=1e30"]
    (study,) = laboratory.launch(quick_study(*hopeless)).studies
    assert (study.state, study.infeasible, study.best) == ("completed", 4, None)
    assert study.runs_done == 4
    with laboratory.read() as connection:
        reasons = connection.scalars(text("select reason from v1_trials")).all()
    assert all(reason.startswith("diverged at step ") for reason in reasons)


def test_the_configuration_is_stored_before_training_and_is_what_trains(
    laboratory: Laboratory,
) -> None:
    laboratory.launch(quick_study("budget.trials=1", "budget.seeds=1", "budget.steps=3"))
    with laboratory.read() as connection:
        (stored,) = connection.execute(text("select configuration from trials")).scalars()
        after = connection.scalar(text("select min(started_at) from attempts"))
        before = connection.scalar(text("select created_at from groups"))
    assert '"warmup_steps":0' in stored  # a tenth of 3 steps
    assert '"steps":3' in stored
    assert before <= after


def test_launching_a_changed_file_under_an_old_name_is_refused(laboratory: Laboratory) -> None:
    tiny = ["budget.trials=1", "budget.seeds=1", "budget.steps=1"]
    laboratory.launch(quick_study(*tiny))
    with pytest.raises(InvalidInputError, match=r"search\.seed: 0 in the group, 1 in the file"):
        laboratory.launch(quick_study(*tiny, "search.seed=1"))


def test_the_name_changes_with_overrides_only() -> None:
    assert default_name(quick_study(), overridden=False) == "quick"
    assert default_name(quick_study("target=0.8"), overridden=True).startswith("quick-")


def test_a_description_shows_runs_and_points_and_creates_nothing(tmp_path: Path) -> None:
    path = tmp_path / "none.db"
    lines = describe(quick_study(), "g", f"sqlite:///{path}").splitlines()
    assert not path.exists()
    assert lines[0] == "group g: nothing was created"
    assert lines[1] == f"g/nesterov: {QUICK_RUNS} runs of 30 steps; first points:"
    assert len(lines) == 2 + 4
