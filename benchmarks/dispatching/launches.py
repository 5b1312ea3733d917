"""`shampoo-tune launch` as a process: when its runs were finished, and what it computed itself."""

import ctypes
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shampoo_tune.tuner.thread_settings import ONE_THREAD

ROOT = Path(__file__).parents[2]
FIRST_ORDER = Path(__file__).parent / "first_order.yaml"
_FINISHED = re.compile(r"\s*[\d.]+ s  \d+/\d+  \S+ (search|finalists|final) ")


@dataclass(frozen=True)
class Mark:
    """A finished run, as soon as the launch told of it.

    Attributes:
        phase: of the run.
        at: seconds since the command began.
        cpu: seconds that the launch's own process, not its workers, has computed by then.
    """

    phase: str
    at: float
    cpu: float


@dataclass(frozen=True)
class Launch:
    """A launch from start to end.

    Attributes:
        seconds: of the whole command.
        marks: its finished runs, in order.
        completed: how many runs have taken all their steps.
        training: seconds of all runs by the workers' own clocks, without compiling.
    """

    seconds: float
    marks: list[Mark]
    completed: int
    training: float


@dataclass(frozen=True)
class Ordered:
    """A launch to be made.

    Attributes:
        folder: where the database will be.
        cache: of compiled programs.
        workers: how many runs at a time.
        overrides: of values of the file.
        options: further ones of the command.
    """

    folder: Path
    cache: Path
    workers: int
    overrides: Sequence[str] = ()
    options: Sequence[str] = ()


def launch(ordered: Ordered, file: Path = FIRST_ORDER) -> Launch:
    """Launch a study file in an empty folder and wait for its end.

    Raises:
        RuntimeError: the command failed.
    """
    command = [sys.executable, "-m", "shampoo_tune", "launch", str(file), "--name", "group"]
    command += ["--workers", str(ordered.workers), *ordered.options]
    command += [part for override in ordered.overrides for part in ("--set", override)]
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ordered.folder,
        env=environment(ordered.cache),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    marks, log = _follow(process, started)
    seconds = time.perf_counter() - started
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}\n{log[-2000:]}")
    return Launch(seconds, marks, *_account(ordered.folder / "shampoo-tune.db"))


def environment(cache: Path | None) -> dict[str, str]:
    """This process's environment with a cache of compiled programs, and threads as JAX likes."""
    left_out = {*ONE_THREAD, "JAX_COMPILATION_CACHE_DIR", "SHAMPOO_TUNE_DB"}
    kept = {name: value for name, value in os.environ.items() if name not in left_out}
    kept["PYTHONPATH"] = str(ROOT)
    return kept | ({"JAX_COMPILATION_CACHE_DIR": str(cache)} if cache else {})


def budget(runs: int, cores: int, steps: int = 40) -> tuple[str, ...]:
    """Overrides for a study of so many runs, all but a few of the search.

    The last two phases have a run for each core, so that none waits for another phase's last run.
    """
    values = {"steps": steps, "trials": runs - 2 * cores, "finalists": cores}
    values |= {"finalist_seeds": 1, "seeds": cores}
    return tuple(f"budget.{key}={value}" for key, value in values.items())


def _follow(process: "subprocess.Popen[str]", started: float) -> tuple[list[Mark], str]:
    """The finished runs and all that the command said; returns when it has ended."""
    clock, marks, log = cpu_clock(process.pid), [], []
    if process.stderr is None:
        raise AssertionError("it was asked for as a pipe")
    with process.stderr:
        for line in process.stderr:
            log.append(line)
            if found := _FINISHED.match(line):
                at = time.perf_counter() - started
                marks.append(Mark(found[1], at, time.clock_gettime(clock)))
    process.wait()
    return marks, "".join(log)


def cpu_clock(pid: int) -> int:
    """The clock of what another process has computed, to the nanosecond.

    The system's accounts count in hundredths of a second, which is what several runs cost.
    """
    clock = ctypes.c_int()
    if ctypes.CDLL(None).clock_getcpuclockid(pid, ctypes.byref(clock)):
        raise ProcessLookupError(pid)
    return clock.value


def _account(database: Path) -> tuple[int, float]:
    """Runs that took all their steps, and seconds of training by the attempts' own clocks."""
    connection = sqlite3.connect(database)
    completed = "select count(*) from runs where state = 'completed'"
    training = "select sum(seconds - compile_seconds) from attempts where state = 'completed'"
    (runs,), (seconds,) = (connection.execute(sql).fetchone() for sql in (completed, training))
    connection.close()
    return runs, seconds
