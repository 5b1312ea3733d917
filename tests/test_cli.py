"""The command line as a user meets it: output, errors, exit codes."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

import shampoo_tune as package
from tests.conftest import QUICK, QUICK_RUNS, Run

COMMANDS = (
    "approve", "best", "compare", "design", "init", "ladder", "launch", "record", "refine",
    "report", "schema", "status", "validate", "verify",
)  # fmt: skip


def test_help_names_every_command_and_imports_nothing_heavy() -> None:
    script = (
        "import sys\nfrom shampoo_tune.cli import main\nsys.argv = ['shampoo-tune', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'jax', 'ray', 'pandas', 'numpy', 'sqlalchemy', 'optuna', 'rich', 'yaml'}\n"
        "print('imported:', sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "imported: []" in result.stdout
    for command in COMMANDS:
        assert f"\n  {command} " in result.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(shampoo_tune: Run, command: str) -> None:
    assert "Usage: " in shampoo_tune(command, "--help").stdout


def test_version(shampoo_tune: Run) -> None:
    assert package.__version__ in shampoo_tune("--version").stdout


def test_a_mistyped_command_is_met_with_the_nearest(shampoo_tune: Run) -> None:
    assert "Did you mean 'launch'?" in shampoo_tune("lunch", code=2).stderr


def test_validate_prints_the_file_with_its_defaults(shampoo_tune: Run, quick_file: Path) -> None:
    document = yaml.safe_load(shampoo_tune("validate", quick_file).stdout)
    assert document["budget"]["studies"] == 1
    assert document["optimizers"]["nesterov"]["optimizer"] == "nesterov"


def test_validate_says_as_json_that_a_file_is_valid(shampoo_tune: Run, quick_file: Path) -> None:
    document = json.loads(shampoo_tune("validate", quick_file, "--json").stdout)
    assert document == {"schema": "shampoo-tune/validate/v1", "valid": True, "errors": []}


def test_an_invalid_file_creates_nothing(shampoo_tune: Run, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(QUICK.replace("momentum", "momentun").replace("trials: 4", "trials: 0"))
    for command in ("validate", "launch"):
        error = shampoo_tune(command, path, code=2).stderr
        assert f"{path}:5:29: error: budget.trials: must be >= 1, got 0" in error
        assert f"{path}:10:5: error: optimizers.nesterov.momentun: unknown key" in error
        assert "(did you mean 'momentum'?)" in error
    assert list(tmp_path.iterdir()) == [path]
    document = json.loads(shampoo_tune("validate", path, "--json", code=2).stdout)
    assert [e["line"] for e in document["errors"]] == [5, 10]
    assert set(document["errors"][0]) == {
        "file", "line", "column", "path", "rule", "value", "hint"
    }  # fmt: skip


def test_a_dry_run_shows_points_and_creates_nothing(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    shown = shampoo_tune("launch", quick_file, "--dry-run").stdout
    assert f"quick/nesterov: {QUICK_RUNS} runs of 30 steps" in shown
    assert shown.count("learning_rate=") == 4
    assert list(tmp_path.iterdir()) == [quick_file]


def test_launch_status_and_best_tell_one_story(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    launched = shampoo_tune("launch", quick_file)
    assert "n = 1,797" in launched.stdout
    assert "8x8" in launched.stdout
    assert f"{QUICK_RUNS}/{QUICK_RUNS}" in launched.stderr
    assert "shampoo-tune best quick/nesterov -o best.yaml" in launched.stderr
    status = json.loads(shampoo_tune("status", "quick", "--json").stdout)
    assert status["schema"] == "shampoo-tune/status/v1"
    (study,) = status["studies"]
    assert study["seeds"] == 7
    shampoo_tune("best", "quick/nesterov", "-o", "best.yaml")
    config = package.load(tmp_path / "best.yaml")
    assert config.evidence["final"]["median"] == study["median"]
    assert config.hyperparameters["momentum"] == study["best"]["hyperparameters"]["momentum"]
    assert shampoo_tune("best", "quick").stdout == (tmp_path / "best.yaml").read_text()
    best = json.loads(shampoo_tune("best", "quick/nesterov", "--json").stdout)
    assert best["studies"] == status["studies"]
    assert shampoo_tune("status").stdout == f"quick  completed, {QUICK_RUNS}/{QUICK_RUNS} runs\n"
    groups = json.loads(shampoo_tune("status", "--json").stdout)["groups"]
    progress = {"runs_done": QUICK_RUNS, "runs_total": QUICK_RUNS}
    assert groups == [{"group": "quick", "state": "completed", **progress}]


def test_overrides_make_a_group_named_after_their_digest(
    shampoo_tune: Run, quick_file: Path
) -> None:
    shown = shampoo_tune("launch", quick_file, "--dry-run", "--set", "budget.trials=2").stdout
    name = shown.split()[1].rstrip(":")
    assert name.startswith("quick-")
    assert len(name) == len("quick-") + 6
    named = shampoo_tune("launch", quick_file, "--dry-run", "--set", "search.seed=2", "--name", "x")
    assert named.stdout.startswith("group x: ")
    changed = ("--set", "budget.steps=1", "--set", "budget.trials=1", "--set", "budget.seeds=1")
    begun = shampoo_tune("launch", quick_file, *changed, "-q").stderr
    assert re.search(r"^group quick-\w{6}: --set changes the file$", begun, re.MULTILINE)


def test_another_file_under_the_same_name_is_refused_with_the_difference(
    shampoo_tune: Run, quick_file: Path
) -> None:
    tiny = ["--set", "budget.trials=1", "--set", "budget.seeds=1", "--set", "budget.steps=1"]
    shampoo_tune("launch", quick_file, "--name", "g", *tiny)
    same = shampoo_tune("launch", quick_file, "--name", "g", *tiny, "--dry-run").stdout
    assert same.startswith("group g: 5 of 5 runs have their verdict; nothing was changed\n")
    for dry in ([], ["--dry-run"]):
        changed = [*tiny, "--set", "target=0.5", *dry]
        error = shampoo_tune("launch", quick_file, "--name", "g", *changed, code=2)
        assert "target: 0.9 in the group, 0.5 in the file" in error.stderr
        assert "--name" in error.stderr


@pytest.mark.parametrize("command", ["launch", "ladder"])
@pytest.mark.parametrize("name", ["a/b", "=x", "a#1", "", "-x", "a b", "x" * 101])
def test_a_name_that_no_group_may_have_is_refused(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path, command: str, name: str
) -> None:
    told = shampoo_tune(command, quick_file, f"--name={name}", "--dry-run", code=2).stderr
    assert "--name must be made of letters" in told
    assert not (tmp_path / "shampoo-tune.db").exists()


def test_what_does_not_exist_is_exit_code_4(shampoo_tune: Run, quick_file: Path) -> None:
    assert "there is no database" in shampoo_tune("status", "x", code=4).stderr
    tiny = ["--set", "budget.trials=1", "--set", "budget.seeds=1", "--set", "budget.steps=1"]
    shampoo_tune("launch", quick_file, "--name", "g", *tiny)
    assert "no group 'x' (there is g)" in shampoo_tune("status", "x", code=4).stderr
    assert (
        "no group 'gg' (did you mean 'g'? there is g)"
        in shampoo_tune("status", "gg", code=4).stderr
    )
    compared = shampoo_tune("compare", "g/nesterov", code=4).stderr
    assert "no group 'g/nesterov': that is a study of the group 'g'" in compared
    assert "g/nesterov" in shampoo_tune("best", "g/adamw", code=4).stderr


def test_a_newer_database_is_refused(shampoo_tune: Run, quick_file: Path, tmp_path: Path) -> None:
    tiny = ["--set", "budget.trials=1", "--set", "budget.seeds=1", "--set", "budget.steps=1"]
    shampoo_tune("launch", quick_file, *tiny)
    connection = sqlite3.connect(tmp_path / "shampoo-tune.db")
    connection.execute("update alembic_version set version_num = '0099'")
    connection.commit()
    connection.close()
    told = shampoo_tune("status", code=1).stderr  # not 5: no upgrade of the database helps
    assert "schema version 99" in told
    assert "use a newer shampoo-tune" in told


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_hand_the_group_back_and_best_is_provisional(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    long = ["--set", "budget.steps=3000", "--name", "g"]
    process = subprocess.Popen(
        [sys.executable, "-m", "shampoo_tune", "launch", quick_file, *long],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    line = process.stderr.readline()  # a first run has finished
    while "search trial" not in line:
        line = process.stderr.readline()
    os.kill(process.pid, number)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == code
    assert said.index("once more stops at once") < said.index("the same command continues")
    assert re.fullmatch(rf"g  queued, \d+/{QUICK_RUNS} runs\n", shampoo_tune("status").stdout)
    assert "0 of 7 final seeds" in shampoo_tune("best", "g/nesterov", code=3).stderr
    provisional = yaml.safe_load(shampoo_tune("best", "g/nesterov", "--provisional").stdout)
    assert provisional["evidence"]["provisional"] is True


def test_a_living_owner_is_not_displaced(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    long = ["--set", "budget.steps=100000", "--name", "g"]
    process = subprocess.Popen(
        [sys.executable, "-m", "shampoo_tune", "launch", quick_file, *long, "-q"], cwd=tmp_path
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and "running" not in _status(tmp_path):
        time.sleep(0.2)
    error = shampoo_tune("launch", quick_file, *long, code=1).stderr
    assert f"process {process.pid} on this machine is running this group" in error
    process.kill()
    process.wait()


def _status(folder: Path) -> str:
    command = [sys.executable, "-m", "shampoo_tune", "status"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout
