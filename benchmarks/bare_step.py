"""Seconds of one bare training step, with every core busy doing the same.

Usage: python -m benchmarks.bare_step STUDY_FILE [--rounds N]
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

from shampoo_tune.tuner.thread_settings import usable_cores, worker_environment

STEPS = 40


def measure(study_file: Path, rounds: int = 5) -> float:
    """The median over rounds and cores of the seconds of a step, nothing but steps being run."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.bare_step",
        str(study_file),
        "--rounds",
        str(rounds),
    ]
    processes = [
        subprocess.Popen(
            [*command, "--alone"], stdout=subprocess.PIPE, text=True, env=worker_environment()
        )
        for _ in range(usable_cores())
    ]
    outputs = [process.communicate()[0] for process in processes]
    return float(statistics.median(value for text in outputs for value in json.loads(text)))


def time_steps(study_file: Path, rounds: int) -> list[float]:
    """Seconds of a step in this process: of each round of 40 steps, after one to compile."""
    from shampoo_tune.optimizer import build
    from shampoo_tune.optimizer.config import Configuration
    from shampoo_tune.optimizer.pytrees import as_arrays
    from shampoo_tune.tuner.study_file.loading import load_study_file
    from shampoo_tune.tuner.submission import plan, workload_arguments
    from shampoo_tune.workloads import WORKLOADS, make_workload
    from shampoo_tune.workloads.seeds import stream_key
    from shampoo_tune.workloads.trainer import Trainer

    study = load_study_file(study_file, [], WORKLOADS).study
    trial = plan(study, study.name)[0].trials[0]
    numbers = as_arrays(Configuration.from_json(trial.configuration))
    trainer = Trainer(make_workload(**workload_arguments(study)), build)
    seconds = []
    for _ in range(rounds + 1):
        progress, batches = trainer.start(numbers, 0), trainer.workload.batches(0, 0)
        key = stream_key(0, "dropout")
        progress.loss.block_until_ready()
        started = time.perf_counter()
        for _ in range(STEPS):
            progress = trainer.step(progress, numbers, next(batches), key)
        progress.loss.block_until_ready()
        seconds.append((time.perf_counter() - started) / STEPS)
    return seconds[1:]


def main() -> None:
    """Print the seconds of a step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study_file", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", action="store_true", help="only this process; print JSON")
    options = parser.parse_args()
    if options.alone:
        print(json.dumps(time_steps(options.study_file, options.rounds)))
    else:
        print(f"{measure(options.study_file, options.rounds):.4f} s a step")


if __name__ == "__main__":
    main()
