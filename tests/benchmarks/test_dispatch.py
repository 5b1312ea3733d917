"""The benchmark of dispatch: its arithmetic, and that its peers train what we train."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.dispatch import chosen_sizes, parser
from benchmarks.dispatching.bare_runs import Bare
from benchmarks.dispatching.conditions import QUICK, Conditions, Sizes
from benchmarks.dispatching.figures import Figure, table
from benchmarks.dispatching.launches import (
    FIRST_ORDER,
    Launch,
    Mark,
    Ordered,
    budget,
    environment,
    launch,
)
from benchmarks.dispatching.rates import controller_seconds, searched, worker_seconds
from benchmarks.dispatching.whole_study import figures
from shampoo_tune.optimizer import build
from shampoo_tune.optimizer.pytrees import as_arrays
from shampoo_tune.study import Measurement
from shampoo_tune.tuner.configuration import make_configuration
from shampoo_tune.tuner.study_file.loading import Study as StudyFile
from shampoo_tune.tuner.study_file.loading import load_study_file
from shampoo_tune.workloads import WORKLOADS, make_workload
from shampoo_tune.workloads.trainer import Trainer
from shampoo_tune.workloads.training import train

MARKS = [Mark("search", at, cpu) for at, cpu in [(9, 2.0), (10, 2.3), (13, 2.4), (14, 2.5)]]


def small_file(*overrides: str) -> StudyFile:
    chosen = ["workload.name=mlp_digits", "budget.steps=4", *overrides]
    return load_study_file(FIRST_ORDER, chosen, WORKLOADS).study


def test_a_run_costs_what_passes_between_the_ends_of_runs_when_all_workers_are_busy() -> None:
    assert worker_seconds(MARKS, workers=2) == pytest.approx(2 * (14 - 10) / 2)
    assert worker_seconds(MARKS, workers=1) == pytest.approx((14 - 9) / 3)
    assert controller_seconds(MARKS) == pytest.approx((2.5 - 2.0) / 3)
    assert searched([*MARKS, Mark("final", 20, 3.0)]) == MARKS


def test_too_few_runs_have_no_rate() -> None:
    with pytest.raises(ValueError, match="4 runs are not more than 4 workers"):
        worker_seconds(MARKS, workers=4)
    with pytest.raises(ValueError, match="two runs"):
        controller_seconds(MARKS[:1])


def test_the_floor_is_completed_runs_on_all_cores_and_one_compilation() -> None:
    launched = Launch(seconds=63.0, marks=[], completed=20, training=100.0)
    *_, ratio = figures(launched, Bare(9.0, 4.9), Bare(11.0, 5.1), cores=2)
    assert ratio.measured == pytest.approx(63 / (20 * 5 / 2 + 10))


def test_the_median_of_the_rounds_is_judged_by_the_limit() -> None:
    ratio = Figure("ratio", "times", [0.9, 1.2, 1.1], limit=1.05)
    assert (ratio.measured, ratio.met) == (1.1, False)
    assert Figure("ratio", "times", [1.05], limit=1.05).met
    assert Figure("ratio", "times", ratio.values, limit=1.05, at_least=True).met
    assert Figure("only told", "s", [3.0]).met


def test_the_table_tells_limits_and_what_was_skipped() -> None:
    shown = [
        Figure("ratio", "times", [1.1], limit=1.05),
        Figure("rate", "times", [2.0], limit=1.8, at_least=True),
        Figure("seconds", "s", [1234.0]),
        Figure("on Ray", "ms", [], limit=50, skipped="skipped: no Ray"),
    ]
    assert table(shown).splitlines()[2:] == [
        "| ratio | 1.100 times | at most 1.050 times | **MISSED** |",
        "| rate | 2.000 times | at least 1.800 times | met |",
        "| seconds | 1,234 s |  |  |",
        "| on Ray |  | at most 50.0 ms | skipped: no Ray |",
    ]
    assert [figure.to_json()["met"] for figure in shown] == [False, True, None, None]


def test_a_budget_has_all_its_runs_and_no_worker_waits_in_its_last_phases() -> None:
    parsed = small_file(*budget(24, cores=2, steps=7)).budget
    assert parsed.trials + parsed.finalists * parsed.finalist_seeds + parsed.seeds == 24
    assert (parsed.steps, parsed.finalists, parsed.seeds) == (7, 2, 2)


def test_options_change_the_sizes() -> None:
    assert chosen_sizes(parser().parse_args([])) == Sizes()
    assert chosen_sizes(parser().parse_args(["--quick"])) == QUICK
    options = parser().parse_args(["--runs", "30", "--rounds", "5"])
    assert chosen_sizes(options) == Sizes(study_runs=30, rounds=5)


def test_commands_begin_with_an_empty_cache_unless_they_are_warm(tmp_path: Path) -> None:
    cold, warm = (Conditions(Sizes(), tmp_path, warm) for warm in (False, True))
    assert cold.cache() != cold.cache()
    assert warm.cache() == warm.cache() == warm.shared_cache


def test_a_launch_tells_of_its_runs_and_of_its_own_time(tmp_path: Path) -> None:
    overrides = (*budget(8, cores=2, steps=10), "workload.name=mlp_digits")
    launched = launch(Ordered(tmp_path, tmp_path / "cache", 2, overrides))
    assert [mark.phase for mark in launched.marks] == (
        ["search"] * 4 + ["finalists"] * 2 + ["final"] * 2
    )
    assert launched.completed == 8
    assert launched.marks[0].at <= launched.marks[-1].at < launched.seconds
    assert 0 < controller_seconds(launched.marks) < launched.seconds
    assert 0 < launched.training < 2 * launched.seconds


@pytest.fixture(scope="module")
def trainer() -> Trainer:
    return Trainer(make_workload("mlp_digits", 512), build)


@pytest.mark.parametrize("peer", ["script_peer", "competent_peer"])
def test_a_peer_trains_as_we_do(peer: str, tmp_path: Path, trainer: Trainer) -> None:
    command = [sys.executable, "-m", f"benchmarks.dispatching.{peer}", "--trials", "2"]
    command += ["--steps", "4", "--workload", "mlp_digits"]
    told = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment(tmp_path / "cache"),
        check=True,
        capture_output=True,
        text=True,
    )
    trials = stored_trials(tmp_path / "optuna.db")
    assert len(trials) == 2
    for number, (point, accuracy) in trials.items():
        own = our_metrics(trainer, point, number)
        assert accuracy == pytest.approx(own["valid_accuracy"], abs=1 / 359)
        loss, *_ = printed(told.stdout, number)
        assert loss == pytest.approx(own["train_loss"], abs=2e-4)


def our_metrics(trainer: Trainer, point: dict[str, float], seed: int) -> dict[str, float]:
    """What our run of the same point and seed came to."""
    made = make_configuration("nesterov", point, small_file().schedule, 4)
    measured: list[Measurement] = []
    train(
        trainer,
        as_arrays(made),
        seed=seed,
        steps=4,
        eval_every=5,
        on_measurement=measured.append,
    )
    return dict(measured[-1].metrics)


def stored_trials(database: Path) -> dict[int, tuple[dict[str, float], float]]:
    """Number -> point and value of Optuna's trials."""
    connection = sqlite3.connect(database)
    of_trial = "select t.number, {} from trials t join {} o on o.trial_id = t.trial_id"
    parameters, values = (
        connection.execute(of_trial.format(columns, table)).fetchall()
        for columns, table in (
            ("o.param_name, o.param_value", "trial_params"),
            ("o.value", "trial_values"),
        )
    )
    connection.close()
    return {
        number: ({name: drawn for n, name, drawn in parameters if n == number}, value)
        for number, value in values
    }


def printed(output: str, number: int) -> list[float]:
    """The numbers that a peer printed of a trial's last step."""
    (line,) = (line for line in output.splitlines() if line.startswith(f"{number} 4: "))
    return [float(part) for part in line.split()[2:]]
