"""Whole launches on Ray: the rows of local workers, whatever happens to Ray's processes."""

import os
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from shampoo_tune.cli import cli
from tests.beside import running
from tests.commands.disturbing import (
    LAUNCH,
    SAVING,
    STUDY,
    Launch,
    attempts,
    launch_again,
    require_undisturbed_rows,
    rows,
    wait_for_checkpoints,
    wait_until,
)
from tests.conftest import Run
from tests.process_names import named
from tests.ray_extra import needs_ray

RAY = ("--backend", "ray")


def processes(launch: Launch, name: str) -> list[psutil.Process]:
    return named(name, psutil.Process(launch.pid).children(recursive=True))


def workers(launch: Launch) -> list[psutil.Process]:
    return processes(launch, "ray::TrainedRun")


def kill_all(launch: Launch) -> None:
    ours = [*workers(launch), psutil.Process(launch.pid)]
    launch.kill()
    wait_until(lambda: not any(p.is_running() and p.status() != "zombie" for p in ours[:-1]))


def kill_a_worker(launch: Launch) -> None:
    workers(launch)[0].kill()


def suspend_a_worker(launch: Launch) -> None:
    workers(launch)[0].suspend()


def preempt_a_worker(launch: Launch) -> None:
    workers(launch)[0].terminate()


def kill_the_raylet(launch: Launch) -> None:
    processes(launch, "raylet")[0].kill()


def interrupt_the_terminal(launch: Launch) -> None:
    """Ctrl-C reaches every process that the terminal knows of."""
    os.killpg(launch.pid, signal.SIGINT)


@needs_ray
def test_ray_comes_to_the_rows_of_local_workers(folder: Path, undisturbed: Any) -> None:
    launch_again(folder, *LAUNCH, *RAY)
    assert rows(folder).equals(undisturbed)
    assert attempts(folder) == {"completed": 5}


@needs_ray
@pytest.mark.parametrize(
    ("disturb", "code"),
    [
        (kill_a_worker, 0),
        (preempt_a_worker, 0),
        (suspend_a_worker, 0),
        (Launch.terminate, 143),
        (interrupt_the_terminal, 130),
        (kill_all, -9),
    ],
)
def test_whatever_ends_comes_to_the_undisturbed_rows(
    folder: Path,
    undisturbed: Any,
    disturb: Callable[[Launch], None],
    code: int,
    require: Callable[[str], None],
) -> None:
    require("disturbances")
    options = (*RAY, "--hung-after", "0.1") if disturb is suspend_a_worker else RAY
    require_undisturbed_rows(folder, undisturbed, disturb, code, *options)


@needs_ray
def test_a_launch_ends_when_ray_has_died_and_another_one_is_complete(
    folder: Path, undisturbed: Any, require: Callable[[str], None]
) -> None:
    """Ray notices after half a minute; workers that live may be through by then."""
    require("disturbances")
    with running(folder, *SAVING, *RAY) as launch:
        wait_for_checkpoints(folder / "saved")
        kill_the_raylet(launch)
        launch.communicate(timeout=240)
    assert launch.returncode in (0, 1)
    launch_again(folder, *SAVING, *RAY)
    assert rows(folder).equals(undisturbed)


@needs_ray
def test_a_cluster_without_machines_is_told(folder: Path, require: Callable[[str], None]) -> None:
    require("disturbances")
    (folder / "quick.yaml").write_text(STUDY.replace("steps: 4000", "steps: 400000"))
    with running(folder, *LAUNCH, *RAY) as launch:
        wait_until(lambda: len(workers(launch)) == 2)
        kill_the_raylet(launch)
        _, told = launch.communicate(timeout=240)
    assert launch.returncode == 1
    assert "error: Ray: no machine of the cluster is alive; the same command continues" in told
    with sqlite3.connect(folder / "shampoo-tune.db") as connection:
        assert connection.execute("select state from groups").fetchone() == ("queued",)
    connection.close()


def refused(shampoo_tune: Run, *options: str) -> str:
    told: str = shampoo_tune("launch", "quick.yaml", *options, code=2).stderr
    return told


def test_what_only_ray_has_needs_ray(folder: Path, shampoo_tune: Run) -> None:
    assert "need --backend ray" in refused(shampoo_tune, "--topology", "v4-16")


def test_options_that_cannot_be_are_refused_before_ray_starts(
    folder: Path, shampoo_tune: Run
) -> None:
    assert "such as TPU=4" in refused(shampoo_tune, *RAY, "--resources", "TPU")
    assert "such as v4-16" in refused(shampoo_tune, *RAY, "--topology", "4x4")
    assert "write HOST:PORT, or auto" in refused(shampoo_tune, *RAY, "--address", "ray://here:1")
    assert not (folder / "shampoo-tune.db").exists()


@needs_ray
def test_what_the_cluster_has_not_is_told(folder: Path, shampoo_tune: Run) -> None:
    told = refused(shampoo_tune, *RAY, "--topology", "v4-16")
    assert "the cluster has no whole v4-16 slice (it has CPU" in told


@needs_ray
def test_a_cluster_that_is_not_there_is_told(folder: Path, shampoo_tune: Run) -> None:
    options = (*RAY, "--address", "127.0.0.1:1")
    told = shampoo_tune("launch", "quick.yaml", *options, code=1).stderr
    assert "error: Ray: no cluster at 127.0.0.1:1: Connection refused" in told


def test_every_command_that_trains_can_do_so_on_ray() -> None:
    for name in ("launch", "controller", "ladder"):
        options = {option for p in cli.commands[name].params for option in p.opts}
        assert {"--backend", "--address", "--resources", "--topology"} <= options, name
