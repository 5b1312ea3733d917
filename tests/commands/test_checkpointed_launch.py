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

from tests.beside import running
from tests.bucket import Bucket
from tests.commands.disturbing import (
    LAUNCH,
    RUNS,
    SAVING,
    Launch,
    attempts,
    launch_again,
    require_undisturbed_rows,
    rows,
    wait_for_checkpoints,
    wait_until,
)


def kill_all(launch: Launch) -> None:
    os.killpg(launch.pid, signal.SIGKILL)


def kill_a_worker(launch: Launch) -> None:
    psutil.Process(launch.pid).children()[0].kill()


def suspend_a_worker(launch: Launch) -> None:
    psutil.Process(launch.pid).children()[0].suspend()


def preempt_a_worker(launch: Launch) -> None:
    psutil.Process(launch.pid).children()[0].terminate()


def interrupt(launch: Launch) -> None:
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


@pytest.mark.parametrize("phase", ["search", "finalists", "final"])
def test_a_launch_that_is_terminated_in_any_phase_goes_on(
    folder: Path, undisturbed: Any, phase: str, require: Callable[[str], None]
) -> None:
    require("disturbances")
    require_undisturbed_rows(folder, undisturbed, Launch.terminate, 143, phase=phase)


def test_a_worker_that_hangs_is_replaced(
    folder: Path, undisturbed: Any, require: Callable[[str], None]
) -> None:
    require("disturbances")
    options = ("--hung-after", "0.1")
    require_undisturbed_rows(folder, undisturbed, suspend_a_worker, 0, *options)


def test_a_second_signal_stops_at_once(
    folder: Path, undisturbed: Any, require: Callable[[str], None]
) -> None:
    require("disturbances")
    with running(folder, *SAVING) as launch:
        wait_for_checkpoints(folder / "saved")
        for child in psutil.Process(launch.pid).children():
            child.suspend()  # it cannot save
        launch.send_signal(signal.SIGINT)
        time.sleep(1.0)
        assert launch.poll() is None  # it waits for its workers
        launch.send_signal(signal.SIGINT)
        launch.communicate(timeout=5)
    assert launch.returncode == 130
    launch_again(folder, *SAVING)
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
    launch_again(folder, *SAVING)
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


def test_a_launch_that_keeps_its_runs_in_a_bucket_goes_on(
    folder: Path, undisturbed: Any, bucket: Bucket, require: Callable[[str], None]
) -> None:
    require("disturbances")

    def runs_saved() -> set[str]:
        done = [name for name in bucket.objects if name.endswith("/commit_success.txt")]
        return {name.split("/")[1] for name in done}

    saving = (*LAUNCH, "--checkpoints", "gs://bucket/saved")
    with running(folder, *saving) as launch:
        wait_until(lambda: len(runs_saved()) >= 2)
        launch.terminate()
        _, told = launch.communicate(timeout=240)
        assert launch.returncode == 143, told
    assert runs_saved()
    launch_again(folder, *saving)
    assert rows(folder).equals(undisturbed)
    assert attempts(folder) == {"completed": RUNS, "lost": 2}
    assert not bucket.objects
