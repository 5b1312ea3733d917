"""Runs of a study without a study: a loop of steps and evaluations, with every core busy.

As a program it is one of the processes that do so: it prints what it measured.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.dispatching.launches import ROOT
from shampoo_tune.tuner.thread_settings import usable_cores, worker_environment

if TYPE_CHECKING:
    from shampoo_tune.study import Budget
    from shampoo_tune.workloads.trainer import Trainer


@dataclass(frozen=True)
class Bare:
    """Seconds to trace and compile in a process alone, and of a run beside one on each core."""

    compiling: float
    run: float


def measure(file: Path, overrides: Sequence[str], cache: Path, each: int) -> Bare:
    """The mean over `each` runs of points of the first arm's design, on every core.

    The compilation is a process's that has the machine for itself: several at once take longer.
    """
    (alone,) = _side_by_side(1, file, overrides, cache, 0)
    beside = _side_by_side(usable_cores(), file, overrides, cache, each)
    seconds = [run for measured in beside for run in measured["runs"]]
    return Bare(alone["compiling"], statistics.mean(seconds))


def _side_by_side(
    processes: int, file: Path, overrides: Sequence[str], cache: Path, each: int
) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.dispatching.bare_runs", str(each), str(file)]
    command += overrides
    set_here = {"JAX_COMPILATION_CACHE_DIR": str(cache), "PYTHONPATH": str(ROOT)}
    environment = worker_environment() | set_here
    with tempfile.TemporaryFile("w+", errors="replace") as log:  # XLA says much when it loads
        started = [
            subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=environment
            )
            for _ in range(processes)
        ]
        outputs = [process.communicate()[0] for process in started]
        if any(process.returncode for process in started):
            log.seek(0)
            raise RuntimeError(f"{' '.join(command)} failed\n{log.read()[-2000:]}")
    return [json.loads(output) for output in outputs]


def _measure_here(each: int, file: Path, overrides: Sequence[str]) -> dict[str, Any]:
    from shampoo_tune.optimizer import build
    from shampoo_tune.optimizer.config import Configuration
    from shampoo_tune.optimizer.pytrees import as_arrays
    from shampoo_tune.tuner.study_file.loading import load_study_file
    from shampoo_tune.tuner.submission import plan, workload_arguments
    from shampoo_tune.workloads import WORKLOADS, make_workload
    from shampoo_tune.workloads.trainer import Trainer

    study = load_study_file(file, overrides, WORKLOADS).study
    trials = plan(study, study.name)[0].trials
    points = [as_arrays(Configuration.from_json(trial.configuration)) for trial in trials]
    trainer = Trainer(make_workload(**workload_arguments(study)), build)
    compiling = _seconds(lambda: trainer.warm_up(points[0]))
    chosen = [(number, points[number * len(points) // each]) for number in range(each)]
    runs = [
        _seconds(lambda p=point, s=seed: _train(trainer, p, s, study.budget))
        for seed, point in chosen
    ]
    return {"compiling": compiling, "runs": runs}


def _train(trainer: "Trainer", point: Any, seed: int, budget: "Budget") -> None:
    from shampoo_tune.workloads.seeds import stream_key

    workload, progress = trainer.workload, trainer.start(point, seed)
    batches, key = workload.batches(seed, 0), stream_key(seed, "dropout")
    for step in range(1, budget.steps + 1):
        progress = trainer.step(progress, point, next(batches), key)
        if step % budget.eval_every == 0 or step == budget.steps:
            float(progress.loss)
            for split in ("valid", "test"):
                workload.evaluate(progress.params, progress.model_state, split)


def _seconds(do: Any) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


if __name__ == "__main__":
    print(json.dumps(_measure_here(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])))
