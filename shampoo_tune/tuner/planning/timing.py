"""Times training steps on this machine, in a process with the settings of a worker.

Usage: python -m shampoo_tune.tuner.planning.timing < JOB, a document of `Job`. Prints seconds as
JSON. Nothing else should run meanwhile; a study's workers, one for each core, are slower by what
they take of each other's caches.
"""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shampoo_tune.tuner.planning.child import answer, ask
from shampoo_tune.tuner.thread_settings import worker_environment

STEPS = 10  # timed; the median counts


@dataclass(frozen=True)
class Job:
    """What to time.

    Attributes:
        workload: arguments of `make_workload`.
        configuration: JSON form of `Configuration`; None for plain SGD.
    """

    workload: Mapping[str, Any]
    configuration: Mapping[str, Any] | None


def time_step(job: Job) -> dict[str, Any]:
    """Time in another process.

    Returns:
        `seconds_per_step`, `evaluation_seconds`, `compile_seconds`, `state_bytes`.

    Raises:
        ShampooTuneError: it cannot be trained here.
    """
    failing = f"a step of {job.workload['name']} could not be timed"
    return ask("shampoo_tune.tuner.planning.timing", job, worker_environment(), failing)


def _time(job: Job) -> dict[str, Any]:
    from shampoo_tune.workloads.seeds import stream_key

    trainer, hyperparameters = _program(job)
    compiling = _seconds(lambda: trainer.warm_up(hyperparameters))
    progress = trainer.start(hyperparameters, 0)
    batches, key = trainer.workload.batches(0, 0), stream_key(0, "dropout")

    def step() -> None:
        nonlocal progress
        progress = trainer.step(progress, hyperparameters, next(batches), key)
        int(progress.steps)  # waits for it

    def evaluate() -> None:
        for split in trainer.workload.splits:
            trainer.workload.evaluate(progress.params, progress.model_state, split)

    return {
        "seconds_per_step": statistics.median(_seconds(step) for _ in range(STEPS)),
        "evaluation_seconds": statistics.median(_seconds(evaluate) for _ in range(3)),
        "compile_seconds": compiling,
        "state_bytes": trainer.state_bytes(hyperparameters),
    }


def _seconds(action: Callable[[], None]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def _program(job: Job) -> tuple[Any, Any]:
    import jax.numpy as jnp
    import optax

    from shampoo_tune.optimizer import build
    from shampoo_tune.optimizer.config import Configuration
    from shampoo_tune.optimizer.pytrees import as_arrays
    from shampoo_tune.workloads import make_workload
    from shampoo_tune.workloads.trainer import Trainer

    workload = make_workload(**job.workload)
    if job.configuration is None:
        return Trainer(workload, optax.sgd), jnp.float32(0.01)
    return Trainer(workload, build), as_arrays(Configuration.from_json(dict(job.configuration)))


if __name__ == "__main__":
    answer(lambda job: _time(Job(**job)))
