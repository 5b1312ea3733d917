"""Whole launches that something ends in the middle, and the rows that they come to all the same."""

import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shampoo_tune as package
from tests.beside import running
from tests.conftest import QUICK

# About a second a run, so that two are caught in the middle.
STUDY = QUICK.replace("trials: 4", "trials: 2").replace("seeds: 7", "seeds: 2")
STUDY = STUDY.replace("finalists: 2, finalist_seeds: 3", "finalists: 1, finalist_seeds: 1")
STUDY = STUDY.replace("steps: 30", "steps: 4000").replace("eval_every: 10", "eval_every: 400")
RUNS_BEFORE = {"search": 0, "finalists": 2, "final": 3}
RUNS = 2 + 1 + 2
LAUNCH = ("launch", "quick.yaml", "-q", "--workers", "2", "--checkpoint-steps", "200")
SAVING = (*LAUNCH, "--checkpoints", "saved")

Launch = subprocess.Popen[str]


def rows(folder: Path) -> Any:
    """What users read of the group's curves."""
    with package.open(folder / "shampoo-tune.db") as results:
        return results.curves("quick")


def attempts(folder: Path) -> dict[str, int]:
    """How many attempts there are in each state."""
    connection = sqlite3.connect(folder / "shampoo-tune.db")
    found = dict(connection.execute("select state, count(*) from attempts group by state"))
    connection.close()
    return found


def launch_again(folder: Path, *arguments: str) -> None:
    """A launch to its end."""
    with running(folder, *arguments) as launch:
        _, told = launch.communicate(timeout=240)
        assert launch.returncode == 0, told


def wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def wait_for_checkpoints(saved: Path, count: int = 2) -> None:
    """Until so many runs are in the middle."""
    wait_until(lambda: sum(path.name.isdigit() for path in saved.glob("*/*")) >= count)


def wait_for_phase(folder: Path, phase: str) -> None:
    """Until a run of this phase is in the middle."""
    wait_for_checkpoints(folder / "saved", 1)
    done = RUNS_BEFORE[phase]
    wait_until(lambda: attempts(folder).get("completed", 0) >= done)
    wait_for_checkpoints(folder / "saved", 1)


def require_undisturbed_rows(
    folder: Path,
    undisturbed: Any,
    disturb: Callable[[Launch], None],
    code: int,
    *options: str,
    phase: str | None = None,
) -> None:
    """A launch that is disturbed ends with this code, and another one, if need be, is complete."""
    with running(folder, *SAVING, *options) as launch:
        if phase:
            wait_for_phase(folder, phase)
        else:
            wait_for_checkpoints(folder / "saved")
        asked = time.monotonic()
        disturb(launch)
        _, told = launch.communicate(timeout=240)
        ended = time.monotonic() - asked
    assert launch.returncode == code, told
    if code:
        assert ended < 25
        assert list((folder / "saved").glob("*/*"))
        launch_again(folder, *SAVING, *options)
    assert rows(folder).equals(undisturbed)
    assert attempts(folder)["completed"] == RUNS
    assert attempts(folder)["lost"] >= 1
    assert list((folder / "saved").iterdir()) == []
