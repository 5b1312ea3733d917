"""`ladder` as a user meets it: what it prints and refuses, and that it is safe to interrupt."""

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import QUICK, QUICK_RUNS, Run

SLOW = "  slow:\n    optimizer: nesterov\n    learning_rate: 1e-3\n"
BUDGET = ["budget.trials=2", "budget.finalists=1", "budget.finalist_seeds=1", "budget.seeds=12"]


@pytest.fixture
def two_arms(tmp_path: Path) -> list[str]:
    """Arguments of a small ladder whose second arm is hopeless at every budget."""
    path = tmp_path / "quick.yaml"
    path.write_text(QUICK + SLOW)
    sets = [part for change in BUDGET for part in ("--set", change)]
    return [str(path), *sets, "--name", "climb", "--factor", "0.4", "--rungs", "2"]


def test_a_ladder_prints_its_result_and_again_without_training(
    shampoo_tune: Run, two_arms: list[str], tmp_path: Path
) -> None:
    first = shampoo_tune("ladder", *two_arms, "--json")
    assert "climb-s12/nesterov final trial" in first.stderr
    document = json.loads(first.stdout)
    assert document["schema"] == "shampoo-tune/ladder/v1"
    assert document["rungs"] == [
        {"steps": 30, "group": "climb-s30"},
        {"steps": 12, "group": "climb-s12"},
    ]
    assert (document["ladder"], document["factor"], document["target"]) == ("climb", 0.4, 0.9)
    fast, slow = document["arms"]["nesterov"], document["arms"]["slow"]
    assert 12 < fast["low"] <= fast["steps_to_target"] <= fast["high"] <= 30
    assert (fast["censored"], fast["interval_over"]) == (None, "seeds")
    assert (slow["steps_to_target"], slow["censored"]) == (None, "above")
    assert [rung["stopped"] for rung in slow["rungs"]] == [True, True]
    assert [rung["seeds"] for rung in slow["rungs"]] == [10, 10]
    assert [ratio["ratio"] for ratio in document["ratios"]] == [None]
    database = sqlite3.connect(tmp_path / "shampoo-tune.db")
    attempts = database.execute("select count(*) from attempts").fetchone()
    database.close()
    assert attempts == (document["runs"],)

    again = shampoo_tune("ladder", *two_arms, "--json")
    assert again.stdout == first.stdout
    assert "trial" not in again.stderr.replace("trials", "")

    shown = " ".join(shampoo_tune("ladder", *two_arms).stdout.split())
    assert "stopped after 10 of 12: 0/10" in shown
    assert "slow more than 30." in shown
    assert "no ratio, for not both reach the target inside the ladder" in shown
    assert "these configurations only" in shown
    assert shown.count("ms, cpu 102 KiB") == 2  # a step and the optimizer's state, an arm each
    assert "first crossing within a run" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "target=null"], "a ladder asks how many steps reach the target"),
        (["--factor", "1"], "--factor must lie between 0 and 1, got 1"),
    ],
)
def test_what_is_no_ladder_creates_nothing(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path, arguments: list[str], message: str
) -> None:
    assert message in shampoo_tune("ladder", quick_file, *arguments, code=2).stderr
    assert list(tmp_path.iterdir()) == [quick_file]


def test_a_dry_run_shows_the_rungs_and_creates_nothing(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    shown = shampoo_tune("ladder", quick_file, "--dry-run").stdout
    for steps in (30, 24, 19, 15, 12, 10):
        assert f"quick-ladder-s{steps}: {steps} steps a run; 1 x (10 runs of the" in shown
    assert list(tmp_path.iterdir()) == [quick_file]


def test_a_signal_hands_the_ladder_back(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    long = ["--set", "budget.steps=3000", "--name", "climb"]
    process = subprocess.Popen(
        [sys.executable, "-m", "shampoo_tune", "ladder", quick_file, "--rungs", "2", *long],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    while line and "search trial" not in line:  # a first run has finished
        line = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command continues" in rest
    whole, shorter = shampoo_tune("status").stdout.splitlines()
    assert whole.startswith("climb-s3000  queued, ")
    assert shorter == f"climb-s2400  queued, 0/{QUICK_RUNS} runs"
