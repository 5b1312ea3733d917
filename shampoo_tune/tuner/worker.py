"""A worker process: reads jobs from standard input, trains them, writes messages to its output.

It holds no database address. It ends when its input ends, in the middle of a run too, so none
outlives its controller. Started by `local_workers.py`, which sets the thread settings.
"""

import functools
import json
import os
import platform
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from importlib.metadata import version
from queue import SimpleQueue
from typing import Any, TextIO

import jax

from shampoo_tune.optimizer import build
from shampoo_tune.optimizer.config import Configuration
from shampoo_tune.optimizer.pytrees import as_arrays
from shampoo_tune.study import Measurement
from shampoo_tune.tuner.compile_lock import compiling
from shampoo_tune.tuner.messages import (
    Failed,
    Finished,
    Job,
    Measured,
    Message,
    Started,
    decode_job,
    encode,
)
from shampoo_tune.tuner.thread_settings import THREAD_VARIABLES
from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.training import Trainer

_COMPILE_EVENT = "/jax/core/compile/backend_compile_duration"


class Worker:
    """Trains jobs one after the other; programs compiled for one job serve the next."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._compile_seconds = 0.0
        self._compiled: set[str] = set()
        jax.monitoring.register_event_duration_secs_listener(self._on_duration)

    def work(self, job: Job) -> None:
        """Train one job and say what happened; never raises."""
        try:
            self._say(Started(job.run_id, facts()))
            self._say(self._train(job))
        except Exception:
            self._say(Failed(job.run_id, traceback.format_exc(limit=-8)))

    def _train(self, job: Job) -> Finished:
        compiled_before = self._compile_seconds

        def report(measurement: Measurement) -> None:
            self._say(Measured(job.run_id, measurement))

        hyperparameters = as_arrays(Configuration.from_json(job.configuration))
        outcome = self._compiled_trainer(job, hyperparameters).run(
            hyperparameters,
            seed=job.seed,
            steps=job.steps,
            eval_every=job.eval_every,
            on_measurement=report,
        )
        timings = {
            "seconds": outcome.seconds,
            "evaluation_seconds": outcome.evaluation_seconds,
            "compile_seconds": self._compile_seconds - compiled_before,
        }
        return Finished(job.run_id, outcome.state, outcome.reason, timings)

    def _compiled_trainer(self, job: Job, hyperparameters: Configuration) -> Trainer:
        """The workload's trainer, its programs for these switches compiled."""
        workload = json.dumps(job.workload, sort_keys=True)
        program = f"{workload} {jax.tree.structure(hyperparameters)}"
        if program not in self._compiled:
            trainer(workload).trace(hyperparameters)
            with compiling(program):
                trainer(workload).warm_up(hyperparameters)
            self._compiled.add(program)
        return trainer(workload)

    def _say(self, message: Message) -> None:
        self._output.write(encode(message))
        self._output.flush()

    def _on_duration(self, event: str, duration_secs: float, **kwargs: str | int) -> None:
        if event == _COMPILE_EVENT:
            self._compile_seconds += duration_secs


@functools.cache
def trainer(workload: str) -> Trainer:
    """The trainer of a workload given as JSON; it is kept with all that it has compiled."""
    return Trainer(make_workload(**json.loads(workload)), build)


@functools.cache
def facts() -> dict[str, Any]:
    """What decides the bits of a result beside its configuration and seed."""
    devices = jax.devices()
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "jaxlib": version("jaxlib"),
        "device_kind": devices[0].device_kind,
        "device_count": len(devices),
        "threads": {name: os.environ.get(name) for name in THREAD_VARIABLES},
    }


def main() -> None:
    """Serve the controller at the other end of standard input and output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the controller's to handle
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints goes to the log, not between our messages
    worker = Worker(output)
    for job in _jobs(sys.stdin):
        worker.work(job)


def _jobs(source: TextIO) -> Iterator[Job]:
    """Jobs as they arrive; ends the process at once when the controller is gone."""
    queue: SimpleQueue[Job] = SimpleQueue()

    def read() -> None:
        for line in source:
            queue.put(decode_job(line))
        os._exit(0)  # not sys.exit: the main thread may be deep in a training step

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield queue.get()


if __name__ == "__main__":
    main()
