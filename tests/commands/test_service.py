"""Groups that are submitted, served, watched, paused and cancelled, by processes side by side."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import shampoo_tune as package
from tests.beside import running
from tests.conftest import QUICK_RUNS, Run

SLOW = ("--set", "budget.steps=2000", "--name", "slow")  # some seconds a run


def rows(folder: Path) -> Any:
    with package.open(folder / "shampoo-tune.db") as results:
        return results.curves("quick")


def test_submitted_groups_are_served_and_give_the_numbers_of_a_launch(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    told = shampoo_tune("submit", quick_file)
    assert told.stdout == "quick is queued\n"
    assert "shampoo-tune controller" in told.stderr
    shampoo_tune("submit", quick_file, "--name", "other", "--set", "budget.seeds=2")
    served = shampoo_tune("controller", "--until-idle", "--workers", "1")
    assert served.stdout == ""
    assert [line for line in served.stderr.splitlines() if line.endswith(": completed")] == [
        "quick: completed",
        "other: completed",
    ]
    assert shampoo_tune("submit", quick_file).stdout == "quick is completed\n"
    by_service = rows(tmp_path)
    launched = json.loads(shampoo_tune("launch", quick_file, "--json").stdout)  # trains nothing
    assert launched["state"] == "completed"
    (tmp_path / "shampoo-tune.db").unlink()
    shampoo_tune("launch", quick_file, "-q")
    assert by_service.equals(rows(tmp_path))


def test_watch_follows_what_a_controller_runs(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    shampoo_tune("submit", quick_file)
    watch = ("watch", "quick", "--interval", "0.1")
    with (
        running(tmp_path, *watch, "--json") as documents,
        running(tmp_path, *watch) as lines,
        running(tmp_path, "controller", "-q") as controller,
    ):
        output, errors = documents.communicate(timeout=120)
        told, _ = lines.communicate(timeout=120)
        assert controller.poll() is None  # it waits for the next group
    assert (documents.returncode, lines.returncode, errors) == (0, 0, "")
    found = [json.loads(line) for line in output.splitlines()]
    assert {document["schema"] for document in found} == {"shampoo-tune/watch/v1"}
    done = [document["studies"][0]["runs_done"] for document in found]
    assert done == sorted(done)
    assert (done[0], done[-1]) == (0, QUICK_RUNS)
    status = json.loads(shampoo_tune("status", "quick", "--json").stdout)
    assert {**found[-1], "schema": status["schema"]} == status
    first, *_, last = told.splitlines()
    assert first.startswith(f"quick queued 0/{QUICK_RUNS}")
    assert last == f"quick completed {QUICK_RUNS}/{QUICK_RUNS}"


def test_watch_draws_a_table_on_a_terminal(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    shampoo_tune("launch", quick_file, "-q")
    ours, terminal = pty.openpty()
    command = [sys.executable, "-m", "shampoo_tune", "watch", "quick"]
    result = subprocess.run(command, cwd=tmp_path, stdout=terminal, check=False)
    os.close(terminal)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert result.returncode == 0
    assert "final median" in shown
    assert f"completed, {QUICK_RUNS}/{QUICK_RUNS} runs" in shown


@pytest.mark.parametrize(
    ("command", "told", "after"),
    [("pause", "no more runs begin", "paused"), ("cancel", "gives its runs up", "cancelled")],
)
def test_a_running_launch_is_asked_and_says_what_became_of_it(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path, command: str, told: str, after: str
) -> None:
    with running(tmp_path, "launch", str(quick_file), *SLOW, "--workers", "1") as launch:
        assert launch.stderr is not None
        while "1/17" not in launch.stderr.readline():
            pass
        assert told in shampoo_tune(command, "slow").stdout
        assert shampoo_tune("watch", "slow", "--interval", "0.2", code=3).stdout.count(after) == 1
        _, errors = launch.communicate(timeout=120)
    assert launch.returncode == 3
    assert f"group 'slow' was {after}" in errors
    assert "Traceback" not in errors
    status = json.loads(shampoo_tune("status", "slow", "--json").stdout)
    assert (status["state"], status["studies"][0]["state"]) == (after, after)
    again = shampoo_tune("submit", quick_file, *SLOW, code=0 if after == "paused" else 3)
    assert ("slow is queued" if after == "paused" else "use --name") in again.stdout + again.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_controller_hands_its_group_back(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path, number: signal.Signals
) -> None:
    shampoo_tune("submit", quick_file, *SLOW)
    with running(tmp_path, "controller", "--workers", "1") as controller:
        assert controller.stderr is not None
        while "1/17" not in controller.stderr.readline():
            pass
        controller.send_signal(number)
        _, errors = controller.communicate(timeout=25)
    assert controller.returncode == 128 + number
    assert "slow: handed back" in errors
    assert "`shampoo-tune controller` continues" in errors
    status = json.loads(shampoo_tune("status", "slow", "--json").stdout)
    assert (status["state"], status["studies"][0]["runs_done"]) == ("queued", 1)


def test_two_controllers_share_a_database(
    shampoo_tune: Run, quick_file: Path, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        shampoo_tune("submit", quick_file, "--name", name)
    serve = ("controller", "--workers", "1")
    with running(tmp_path, *serve), running(tmp_path, *serve):
        for name in ("a", "b"):
            shampoo_tune("watch", name, "--interval", "0.2")
    with package.open(tmp_path / "shampoo-tune.db") as results:
        medians = [results.seed_medians(name).drop(columns="study") for name in ("a", "b")]
    assert medians[0].equals(medians[1])


def test_there_is_nothing_to_serve_or_ask_without_a_database(
    shampoo_tune: Run, tmp_path: Path
) -> None:
    for command in ("pause", "cancel", "watch"):
        assert "there is no database" in shampoo_tune(command, "quick", code=4).stderr
    assert list(tmp_path.iterdir()) == []
