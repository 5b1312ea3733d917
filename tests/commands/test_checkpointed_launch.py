"""Whole launches with checkpoints: whatever ends them, the next comes to the undisturbed rows."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import shampoo_tune as package
from tests.beside import running
from tests.conftest import QUICK

# About a second a run, so that two are caught in the middle.
STUDY = QUICK.replace("trials: 4", "trials: 2").replace("seeds: 7", "seeds: 2")
STUDY = STUDY.replace("finalists: 2, finalist_seeds: 3", "finalists: 1, finalist_seeds: 1")
STUDY = STUDY.replace("steps: 30", "steps: 4000").replace("eval_every: 10", "eval_every: 400")
RUNS = 2 + 1 + 2
LAUNCH = ("launch", "quick.yaml", "-q", "--workers", "2", "--checkpoint-steps", "200")


def rows(folder: Path) -> Any:
    with package.open(folder / "shampoo-tune.db") as results:
        return results.curves("quick")


def launch_again(folder: Path) -> None:
    with running(folder, *LAUNCH, "--checkpoints", "saved") as launch:
        _, told = launch.communicate(timeout=240)
        assert launch.returncode == 0, told


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "quick.yaml").write_text(STUDY)
    with running(folder, *LAUNCH) as launch:
        _, told = launch.communicate(timeout=240)
        assert launch.returncode == 0, told
    return rows(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "quick.yaml").write_text(STUDY)
    return tmp_path


def wait_for_checkpoints(saved: Path, count: int = 2) -> None:
    """Until so many runs are in the middle."""
    deadline = time.monotonic() + 120
    while sum(path.name.isdigit() for path in saved.glob("*/*")) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def attempts(folder: Path) -> dict[str, int]:
    import sqlite3

    connection = sqlite3.connect(folder / "shampoo-tune.db")
    found = dict(connection.execute("select state, count(*) from attempts group by state"))
    connection.close()
    return found


def kill_all(launch: "subprocess.Popen[str]") -> None:
    os.killpg(launch.pid, signal.SIGKILL)


def kill_a_worker(launch: "subprocess.Popen[str]") -> None:
    psutil.Process(launch.pid).children()[0].kill()


def preempt_a_worker(launch: "subprocess.Popen[str]") -> None:
    psutil.Process(launch.pid).children()[0].terminate()


def interrupt(launch: "subprocess.Popen[str]") -> None:
    launch.send_signal(signal.SIGINT)


def test_a_killed_launch_goes_on_where_it_ended(folder: Path, undisturbed: Any) -> None:
    require_undisturbed_rows(folder, undisturbed, kill_all, -9)


@pytest.mark.parametrize(
    ("disturb", "code"), [(interrupt, 130), (kill_a_worker, 0), (preempt_a_worker, 0)]
)
def test_a_run_goes_on_where_its_worker_ended(
    folder: Path,
    undisturbed: Any,
    disturb: Callable[[Any], None],
    code: int,
    require: Callable[[str], None],
) -> None:
    require("disturbances")
    require_undisturbed_rows(folder, undisturbed, disturb, code)


def require_undisturbed_rows(
    folder: Path, undisturbed: Any, disturb: Callable[[Any], None], code: int
) -> None:
    """A launch that is disturbed ends with this code, and another one, if need be, is complete."""
    with running(folder, *LAUNCH, "--checkpoints", "saved") as launch:
        wait_for_checkpoints(folder / "saved")
        asked = time.monotonic()
        disturb(launch)
        launch.communicate(timeout=240)
        ended = time.monotonic() - asked
    assert launch.returncode == code
    if code:
        assert ended < 25
        assert list((folder / "saved").glob("*/*"))
        launch_again(folder)
    assert rows(folder).equals(undisturbed)
    assert attempts(folder)["completed"] == RUNS
    assert attempts(folder)["lost"] >= 1
    assert list((folder / "saved").iterdir()) == []


def test_a_second_signal_stops_at_once(
    folder: Path, undisturbed: Any, require: Callable[[str], None]
) -> None:
    require("disturbances")
    with running(folder, *LAUNCH, "--checkpoints", "saved") as launch:
        wait_for_checkpoints(folder / "saved")
        for child in psutil.Process(launch.pid).children():
            child.suspend()  # it cannot save
        launch.send_signal(signal.SIGINT)
        time.sleep(1.0)
        assert launch.poll() is None  # it waits for its workers
        launch.send_signal(signal.SIGINT)
        launch.communicate(timeout=5)
    assert launch.returncode == 130
    launch_again(folder)
    assert rows(folder).equals(undisturbed)


@pytest.fixture
def full_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own where checkpoints lie, with no space left."""
    disk = folder / "saved"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(disk)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"this account may not mount a file system: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_for_checkpoints_changes_nothing(
    folder: Path, full_disk: Path, undisturbed: Any, require: Callable[[str], None]
) -> None:
    require("disturbances")
    launch_again(folder)
    assert shutil.disk_usage(full_disk).total < 100_000  # a checkpoint has twice that
    assert rows(folder).equals(undisturbed)
    assert attempts(folder) == {"completed": RUNS}


def test_a_folder_that_cannot_be_made_is_told(folder: Path) -> None:
    (folder / "saved").write_text("a file")
    with running(folder, *LAUNCH, "--checkpoints", "saved/here") as launch:
        _, told = launch.communicate(timeout=60)
    assert launch.returncode == 2
    assert "cannot save checkpoints in saved/here: Not a directory" in told
    assert not (folder / "shampoo-tune.db").exists()
