"""The main job from end to end: real processes, real training, real kills."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

ROOT = Path(__file__).parent.parent
RESNET = ROOT / "search_spaces" / "resnet.yaml"
SMALL = ["--set", "budget.trials=4", "--set", "budget.seeds=6", "--set", "budget.steps=20"]
RUNS = 4 + 3 * 5 + 6


@dataclass
class Launch:
    """A launch of the small main job in a folder of its own."""

    folder: Path

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "shampoo_tune", "launch", str(RESNET), *SMALL, "--json"]

    def start(self) -> subprocess.Popen[str]:
        """Start it as the leader of a process group of its own."""
        return subprocess.Popen(
            self.command,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def finish(self, process: subprocess.Popen[str]) -> dict[str, Any]:
        output, log = process.communicate(timeout=240)
        assert process.returncode == 0, log
        document: dict[str, Any] = json.loads(output)
        return document

    def query(self, sql: str) -> list[Any]:
        address = f"file:{self.folder / 'shampoo-tune.db'}?mode=ro"
        connection = sqlite3.connect(address, uri=True, timeout=30)
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()

    def wait_for_runs(self, count: int) -> None:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            if (self.folder / "shampoo-tune.db").exists() and self._completed() >= count:
                return
            time.sleep(0.1)
        raise AssertionError(f"{count} runs were not reached")

    def _completed(self) -> int:
        try:
            return int(self.query("select count(*) from runs where state = 'completed'")[0][0])
        except sqlite3.OperationalError:  # the tables are not there yet
            return 0


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Launch, Any]:
    """A launch that nothing disturbs, and what it printed."""
    launch = Launch(tmp_path_factory.mktemp("undisturbed"))
    return launch, launch.finish(launch.start())


def test_the_document_is_the_contracts(undisturbed: tuple[Launch, Any]) -> None:
    _, document = undisturbed
    assert document["schema"] == "shampoo-tune/launch/v1"
    (study,) = document["studies"]
    assert study["study"] == f"{document['group']}/shampoo"
    assert document["group"].startswith("resnet-")
    assert (study["state"], study["phase"], study["seeds"]) == ("completed", "final", 6)
    assert study["runs_done"] == study["runs_total"] == RUNS
    assert study["ci_low"] <= study["median"] <= study["ci_high"]
    assert study["best"]["hyperparameters"]["graft_type"] == "sgd"


def test_every_run_has_its_seed_of_the_contract(undisturbed: tuple[Launch, Any]) -> None:
    launch, _ = undisturbed
    seeds: dict[str, list[int]] = {}
    for phase, seed in launch.query("select distinct phase, seed from runs order by seed"):
        seeds.setdefault(phase, []).append(seed)
    assert seeds == {
        "search": [0, 1, 2, 3],
        "finalists": [100_000 + k for k in range(5)],
        "final": [200_000 + k for k in range(6)],
    }


def test_the_median_in_the_database_is_numpys_over_the_runs(
    undisturbed: tuple[Launch, Any],
) -> None:
    launch, document = undisturbed
    rows = launch.query(
        "select value from v1_curves where phase = 'final' and step = 20"
        " and metric = 'valid_accuracy'"
    )
    assert len(rows) == 6
    assert document["studies"][0]["median"] == pytest.approx(np.median(rows), abs=1e-12)


def test_each_worker_compiled_the_step_once(undisturbed: tuple[Launch, Any]) -> None:
    launch, _ = undisturbed
    rows = launch.query(
        "select f.facts ->> 'pid', a.compile_seconds"
        " from attempts a join execution_facts f on f.id = a.facts_id order by a.id"
    )
    by_worker: dict[int, list[float]] = {}
    for pid, seconds in rows:
        by_worker.setdefault(pid, []).append(seconds)
    for first, *later in by_worker.values():
        assert first > 0
        assert later == [0.0] * len(later)


def test_launching_again_trains_nothing(undisturbed: tuple[Launch, Any]) -> None:
    launch, document = undisturbed
    before = launch.query("select count(*), max(started_at) from attempts")
    assert launch.finish(launch.start()) == document
    assert launch.query("select count(*), max(started_at) from attempts") == before
    assert before[0][0] == RUNS


def test_kills_change_nothing(
    undisturbed: tuple[Launch, Any], tmp_path: Path, require: Callable[[str], None]
) -> None:
    require("disturbances")
    _, document = undisturbed
    launch = Launch(tmp_path)
    first = launch.start()
    launch.wait_for_runs(3)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    second = launch.start()
    launch.wait_for_runs(8)
    psutil.Process(second.pid).children()[0].kill()
    assert launch.finish(second) == document
    lost = launch.query("select count(*) from attempts where state = 'lost'")[0][0]
    assert lost >= 2  # at least one of each kill
    assert launch.query("select count(*) from attempts where state = 'completed'") == [(RUNS,)]


def test_the_main_job_reaches_its_figures(require: Callable[[str], None], tmp_path: Path) -> None:
    require("main_job")
    launch = subprocess.run(
        [sys.executable, "-m", "shampoo_tune", "launch", str(RESNET), "--json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    (study,) = json.loads(launch.stdout)["studies"]
    assert study["seeds"] == 50
    assert study["median"] >= 0.97
    assert study["runs_done"] == 85
