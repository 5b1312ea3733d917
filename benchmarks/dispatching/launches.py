"""Commands from start to end: their seconds, and what is in the database they leave."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]

_STUDY = """\
version: 1
name: study
workload: {{name: {workload}, batch_size: 512}}
budget: {{steps: 40, trials: {trials}, finalists: 1, finalist_seeds: 1, seeds: 1, eval_every: 5}}
optimizers:
  nesterov:
    learning_rate: {{min: 0.2, max: 4, scale: log}}
    momentum: {{min: 0.5, max: 0.97, scale: one_minus_log}}
"""


def study(workload: str, runs: int) -> str:
    """A study file of so many runs, at least 3, of `optax.sgd` with Nesterov's momentum."""
    return _STUDY.format(workload=workload, trials=runs - 2)


@dataclass(frozen=True)
class Timed:
    """A command that came to its end.

    Attributes:
        seconds: wall time.
        cpu_seconds: of its own process, without workers.
        training_seconds: from the first run's beginning to the last one's end; 0 for a peer.
        compile_seconds: the longest that a worker took to compile; 0 for a peer.
    """

    seconds: float
    cpu_seconds: float
    training_seconds: float = 0.0
    compile_seconds: float = 0.0


def launch(text: str, *options: str) -> Timed:
    """`shampoo-tune launch` of a study file, with nothing compiled before."""
    with _empty_folder() as (folder, environment):
        (folder / "study.yaml").write_text(text)
        arguments = ["shampoo_tune", "launch", "study.yaml", "-q", *options]
        timed = _run(folder, environment, arguments)
        return Timed(timed.seconds, timed.cpu_seconds, *_attempts(folder / "shampoo-tune.db"))


def peer(module: str, trials: int) -> Timed:
    """A peer's script, with nothing compiled before."""
    with _empty_folder() as (folder, environment):
        return _run(folder, environment, [module, "peer.db", str(trials)])


@contextmanager
def _empty_folder() -> Iterator[tuple[Path, dict[str, str]]]:
    with tempfile.TemporaryDirectory() as folder:
        cache = {"JAX_COMPILATION_CACHE_DIR": f"{folder}/cache", "PYTHONPATH": str(ROOT)}
        yield Path(folder), {**os.environ, **cache}


def _run(folder: Path, environment: dict[str, str], arguments: list[str]) -> Timed:
    command = [sys.executable, "-m", *arguments]
    started = time.perf_counter()
    with (folder / "told").open("w") as told:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=told, stderr=told)
        cpu_seconds = _watch(process)
    seconds = time.perf_counter() - started
    if process.returncode:
        told_text = (folder / "told").read_text()
        raise RuntimeError(f"{arguments} ended with {process.returncode}: {told_text}")
    return Timed(seconds, cpu_seconds)


def _watch(process: "subprocess.Popen[bytes]") -> float:
    """Wait for a process; returns the processor time of itself alone, some hundredths short."""
    watched, spent = psutil.Process(process.pid), 0.0
    while process.poll() is None:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = watched.cpu_times()
            spent = max(spent, times.user + times.system)  # a zombie has none
        time.sleep(0.02)
    return spent


def _attempts(database: Path) -> tuple[float, float]:
    """Seconds in which runs trained, and the longest compilation."""
    connection = sqlite3.connect(database)
    asked = "select started_at, seconds, compile_seconds from attempts"
    rows = connection.execute(asked).fetchall()
    connection.close()
    begins = [datetime.fromisoformat(row[0]) for row in rows]
    ends = [begin + timedelta(seconds=row[1]) for begin, row in zip(begins, rows, strict=True)]
    return (max(ends) - min(begins)).total_seconds(), max(row[2] for row in rows)
