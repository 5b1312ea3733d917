"""The example of a program of one's own is trained by real launches, and only by its command."""

import json
import re
import shlex
import shutil
import sqlite3
import sys
from pathlib import Path

import pytest

from shampoo_tune.tuner.programs.command import OF_RUN
from shampoo_tune.tuner.programs.worker import DIVERGED
from tests.conftest import Run

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "own_program"
PAGE = (ROOT / "docs" / "own_program.md").read_text()
SMALL = ("--set", "budget={steps: 40, trials: 2, finalists: 1, finalist_seeds: 1, seeds: 6}",
         "--name", "small")  # fmt: skip


def documented() -> list[str]:
    """The command that README and page show, with this Python."""
    (line,) = [row for row in PAGE.splitlines() if "--exec -- python examples/own_program" in row]
    assert line in (EXAMPLE / "README.md").read_text()
    words = shlex.split(line.partition("--exec -- ")[2])
    return [sys.executable, *words[1:]]


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """The study file of the example, with the example where the page has it."""
    shutil.copytree(EXAMPLE, tmp_path / "examples" / "own_program")
    return tmp_path / "examples" / "own_program" / "study.yaml"


def test_the_example_trains_as_the_page_says(
    shampoo_tune: Run, study: Path, tmp_path: Path
) -> None:
    command = documented()
    told = shampoo_tune("launch", study, "--json", "-q", "--exec", "--", *command)
    document = json.loads(told.stdout)
    (result,) = document["studies"]
    assert (result["state"], result["runs_done"], result["reached"]) == ("completed", 17, 7)
    assert result["median"] > 0.9
    connection = sqlite3.connect(tmp_path / "shampoo-tune.db")
    (provenance,) = connection.execute("select provenance from groups").fetchone()
    metrics = connection.execute("select distinct metric from v1_curves order by 1").fetchall()
    connection.close()
    assert json.loads(provenance)["program"]["argv"] == command
    assert metrics == [("valid_accuracy",), ("valid_loss",)]
    shampoo_tune("report", "numpy", "-o", "report.md")
    assert "valid_accuracy" in (tmp_path / "report.md").read_text()
    # Another command is refused, also where nothing is left to train.
    error = shampoo_tune("launch", study, "--exec", "--", *command, "--twice", code=2).stderr
    assert "group 'numpy' is trained by another command" in error
    assert f"now: {shlex.join([*command, '--twice'])}" in error


def test_a_command_that_does_not_fit_is_refused_before_anything_starts(
    shampoo_tune: Run, study: Path, tmp_path: Path
) -> None:
    short = [word for word in documented() if word != "{momentum}"]
    error = shampoo_tune("launch", study, "--exec", "--", *short, "{lr}", code=2).stderr
    assert "unknown placeholder {lr} for the arm heavy_ball (known: learning_rate, " in error
    assert "tunes momentum, which the command does not take: add {momentum}" in error
    assert "needs a command" in shampoo_tune("ladder", study, code=2).stderr
    told = shampoo_tune("launch", study, "train.py", code=2).stderr
    assert "unexpected arguments: train.py (a command stands after --exec --)" in told
    ray = ("--backend", "ray", "--exec", "--", *documented())
    assert "on this machine" in shampoo_tune("launch", study, *ray, code=2).stderr
    assert not (tmp_path / "shampoo-tune.db").exists()


def test_a_controller_serves_what_its_command_can_train_and_tells_the_rest(
    shampoo_tune: Run, study: Path, quick_file: Path
) -> None:
    shampoo_tune("submit", quick_file)
    shampoo_tune("submit", study, *SMALL)
    served = shampoo_tune("controller", "--until-idle", "--exec", "--", *documented()).stderr
    assert "quick is passed over: --exec is for files with workload: {name: program}" in served
    assert served.count("is passed over") == 1
    assert "small: completed" in served
    states = json.loads(shampoo_tune("status", "--json").stdout)["groups"]
    assert [group["state"] for group in states] == ["queued", "completed"]


def test_runs_that_fail_tell_the_end_of_standard_error(shampoo_tune: Run, study: Path) -> None:
    command = [*documented(), "--no-such-option"]
    error = shampoo_tune("launch", study, *SMALL, "--exec", "--", *command, code=1).stderr
    assert "the program ended with exit code 2" in error
    assert "unrecognized arguments: --no-such-option" in error


def test_the_page_names_every_placeholder_and_the_exit_code() -> None:

    for name in OF_RUN:
        assert f"`{{{name}}}`" in PAGE
    assert f"exit code {DIVERGED}" in PAGE
    assert f"sys.exit({DIVERGED})" in (EXAMPLE / "train.py").read_text()


def test_the_lines_of_the_page_are_what_record_takes(
    shampoo_tune: Run, study: Path, tmp_path: Path
) -> None:
    """The page's study is the example's, its budget that of the lines."""
    blocks = re.findall(r"^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    lines = next(block for block in blocks if '"trial"' in block)
    (tmp_path / "runs.jsonl").write_text(lines)
    shampoo_tune("submit", study)
    assert "2 runs stored, 2 queued" in shampoo_tune("record", "numpy", "runs.jsonl").stdout
