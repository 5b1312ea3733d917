"""The benchmark of dispatch: its arithmetic, and that its peers train what we train."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.dispatch import Line, slope
from benchmarks.dispatching import competent_peer, script_peer
from benchmarks.dispatching.launches import launch, study

ROOT = Path(__file__).parents[2]


def test_a_run_costs_the_slope_between_two_studies() -> None:
    assert slope(2.0, 6.0) == pytest.approx(0.02)


def test_a_limit_may_be_an_upper_or_a_lower_one() -> None:
    assert Line("ratio", 1.05, 1.05).met
    assert not Line("ratio", 1.06, 1.05).met
    assert Line("ratio", 1.06, 1.05, at_least=True).met
    assert "MISSED" in str(Line("ratio", 1.0, 1.05, at_least=True))


def test_a_launch_tells_its_own_time_and_that_of_its_runs() -> None:
    timed = launch(study("mlp_digits", 4), "--workers", "1")
    assert 0 < timed.compile_seconds < timed.training_seconds < timed.seconds
    assert 0 < timed.cpu_seconds < timed.seconds


@pytest.mark.parametrize("peer", [script_peer, competent_peer])
def test_a_peer_trains_as_often_and_as_long_as_we_do(
    peer: object, tmp_path: Path, require: Callable[[str], None]
) -> None:
    require("peers")
    module = getattr(peer, "__name__")  # noqa: B009  (a module's)
    database = tmp_path / "peer.db"
    command = [sys.executable, "-m", module, str(database), "2"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    with sqlite3.connect(database) as connection:
        values = connection.execute("select value from trial_values").fetchall()
        steps = connection.execute("select distinct step from trial_intermediate_values").fetchall()
    connection.close()
    assert len(values) == 2
    assert sorted(step for (step,) in steps) == list(range(5, 41, 5))
    assert all(value * 359 == pytest.approx(round(value * 359)) for (value,) in values)
