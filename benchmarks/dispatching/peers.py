"""Our launch against scripts without it: the same runs by `optax.sgd`, whole commands by turns."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.dispatching.conditions import Conditions, tell
from benchmarks.dispatching.figures import Figure
from benchmarks.dispatching.launches import Ordered, budget, environment, launch
from shampoo_tune.tuner.thread_settings import usable_cores


def peers(conditions: Conditions) -> Iterator[Figure]:
    """Ratios of each round, and the seconds that they are made of."""
    sizes = conditions.sizes
    if conditions.warm:
        tell("what is compiled for all")
        _turn(conditions, runs=3 * usable_cores(), steps=5)
    turns = [_turn(conditions, sizes.peer_runs, sizes.peer_steps) for _ in range(sizes.rounds)]
    ours, script, competent = zip(*turns, strict=True)
    what = f"{sizes.peer_runs} runs by optax.sgd"
    yield Figure(f"{what}: ours", "s", ours)
    yield Figure(f"{what}: a person's script", "s", script)
    yield Figure(f"{what}: a competent script", "s", competent)
    times = [theirs / own for own, theirs, _ in turns]
    yield Figure("a person's script against ours", "times", times, limit=3, at_least=True)
    times = [theirs / own for own, _, theirs in turns]
    yield Figure("a competent script against ours", "times", times, limit=1, at_least=True)


def _turn(conditions: Conditions, runs: int, steps: int) -> tuple[float, float, float]:
    """Seconds of each command, one after the other."""
    new, cache = conditions.new_folder, conditions.cache
    tell(f"{runs} runs of {steps} steps: ours")
    own = our_seconds(conditions, runs, steps)
    tell(f"{own:.1f} s; a person's script")
    # It has no cache on disk: JAX has none by default.
    script = peer_seconds("script_peer", new(), None, runs, steps)
    tell(f"{script:.1f} s; a competent script")
    competent = peer_seconds("competent_peer", new(), cache(), runs, steps)
    tell(f"{competent:.1f} s")
    return own, script, competent


def our_seconds(conditions: Conditions, runs: int, steps: int) -> float:
    """Seconds of a launch.

    Raises:
        RuntimeError: a run ended early, so that the commands did not do the same work.
    """
    cores = usable_cores()
    overrides = budget(runs, cores, steps)
    launched = launch(Ordered(conditions.new_folder(), conditions.cache(), cores, overrides))
    if launched.completed != runs:
        raise RuntimeError(f"{launched.completed} of {runs} runs took all their steps")
    return launched.seconds


def peer_seconds(module: str, folder: Path, cache: Path | None, runs: int, steps: int) -> float:
    """Seconds of a peer's script.

    Raises:
        RuntimeError: it failed, or has not done all trials.
    """
    command = [sys.executable, "-m", f"benchmarks.dispatching.{module}"]
    command += ["--trials", str(runs), "--steps", str(steps)]
    log, started = folder / "log", time.perf_counter()
    with log.open("w") as output:
        ended = subprocess.run(
            command,
            cwd=folder,
            env=environment(cache),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    seconds = time.perf_counter() - started
    if ended.returncode or completed(folder / "optuna.db") != runs:
        raise RuntimeError(f"{module} did not do its {runs} trials\n{log.read_text()[-2000:]}")
    return seconds


def completed(database: Path) -> int:
    """Completed trials in a database of Optuna's."""
    connection = sqlite3.connect(database)
    counted = connection.execute("select count(*) from trials where state = 'COMPLETE'")
    (count,) = counted.fetchone()
    connection.close()
    return int(count)
