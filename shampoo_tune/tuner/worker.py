"""A worker process: reads jobs from standard input, trains them, writes messages to its output.

It holds no database address. It ends when its input ends, in the middle of a run too, so none
outlives its controller. Started by `local_workers.py`, which sets the thread settings.
"""

import functools
import hashlib
import json
import os
import platform
import signal
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import jax

from shampoo_tune.optimizer.config import Configuration
from shampoo_tune.optimizer.pytrees import as_arrays
from shampoo_tune.study import Measurement
from shampoo_tune.tuner import provenance
from shampoo_tune.tuner.arm_trainer import arm_trainer
from shampoo_tune.tuner.checkpoint_policy import CheckpointPolicy
from shampoo_tune.tuner.compile_lock import compiling
from shampoo_tune.tuner.messages import (
    STOPPED,
    Failed,
    Finished,
    Job,
    Measured,
    Message,
    Started,
)
from shampoo_tune.tuner.pipes import jobs, speaker
from shampoo_tune.tuner.processor import processor
from shampoo_tune.tuner.thread_settings import THREAD_VARIABLES
from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.data_parallel import DataParallel, all_devices
from shampoo_tune.workloads.installed import package_facts
from shampoo_tune.workloads.snapshot import InterruptedRunError
from shampoo_tune.workloads.trainer import Trainer
from shampoo_tune.workloads.training import train

if TYPE_CHECKING:
    from shampoo_tune.workloads.checkpoints import RunCheckpoints

_COMPILE_EVENT = "/jax/core/compile/backend_compile_duration"


@dataclass(frozen=True)
class Program:
    """A trainer and what it is to train with; programs of one name share what is compiled."""

    name: str
    trainer: Trainer
    hyperparameters: Configuration


class Worker:
    """Trains jobs one after the other; programs compiled for one job serve the next."""

    def __init__(
        self,
        say: Callable[[Message], None],
        policy: CheckpointPolicy | None,
        stopping: threading.Event,
    ) -> None:
        """Nothing is built or compiled before the first job.

        Args:
            say: receives messages as they come.
            policy: how runs are saved; None if they are not.
            stopping: once set, the run that trains is saved and interrupted.
        """
        self._say, self._policy, self._stopping = say, policy, stopping
        self._compile_seconds = 0.0
        self._compiled: set[str] = set()
        self._program_facts: dict[str, dict[str, Any]] = {}
        jax.monitoring.register_event_duration_secs_listener(self._on_duration)

    def work(self, job: Job) -> None:
        """Train one job and say what happened.

        Raises:
            InterruptedRunError: the worker is to stop; the run was saved.
        """
        try:
            program = self._begin(job)
            self._say(self._train(job, program))
        except InterruptedRunError:
            raise
        except Exception:
            self._say(Failed(job.run_id, traceback.format_exc(limit=-8)))

    def _begin(self, job: Job) -> Program:
        """Say that a job begins and on what machine, even if its program cannot be built."""
        told = facts()
        try:
            program = make_program(job)
            told = told | self._facts_of(program)
            return program
        finally:
            self._say(Started(job.run_id, told))

    def _facts_of(self, program: Program) -> dict[str, Any]:
        if program.name not in self._program_facts:
            self._program_facts[program.name] = {
                "workload_fingerprint": program.trainer.workload.fingerprint,
                **_package_facts(program),
                "optimizer_state_bytes": program.trainer.optimizer_state_bytes(
                    program.hyperparameters
                ),
            }
        return self._program_facts[program.name]

    def _train(self, job: Job, program: Program) -> Finished:
        def report(measurement: Measurement) -> None:
            self._say(Measured(job.run_id, measurement))

        prepared = self._prepare(program)
        compiled_before = self._compile_seconds
        outcome = train(
            program.trainer,
            program.hyperparameters,
            seed=job.seed,
            steps=job.steps,
            eval_every=job.eval_every,
            on_measurement=report,
            checkpoints=self._checkpoints(job, program),
        )
        timings = {
            "seconds": prepared + outcome.seconds,
            "evaluation_seconds": outcome.evaluation_seconds,
            "compile_seconds": prepared + self._compile_seconds - compiled_before,
        }
        return Finished(job.run_id, outcome.state, outcome.reason, timings)

    def _checkpoints(self, job: Job, program: Program) -> "RunCheckpoints | None":
        if self._policy is None:
            return None
        from shampoo_tune.workloads.checkpoints import RunCheckpoints  # Orbax

        return RunCheckpoints(
            f"{self._policy.folder}/{run_digest(job, self._facts_of(program))}",
            self._policy.every_steps,
            self._policy.every_seconds,
            self._stopping.is_set,
            parallel.any_process if (parallel := devices()) else bool,
        )

    def _prepare(self, program: Program) -> float:
        """Compile a program unless an earlier job did; returns the seconds it took or waited."""
        if program.name in self._compiled:
            return 0.0
        started = time.perf_counter()
        program.trainer.trace(program.hyperparameters)
        # Processes that train together compile together: each has a lock of its own.
        with compiling(f"{program.name} {jax.process_index()}"):
            program.trainer.warm_up(program.hyperparameters)
        self._compiled.add(program.name)
        return time.perf_counter() - started

    def _on_duration(self, event: str, duration_secs: float, **kwargs: str | int) -> None:
        if event == _COMPILE_EVENT:
            self._compile_seconds += duration_secs


def _package_facts(program: Program) -> dict[str, Any]:
    """The package of a workload that is not ours."""
    facts = package_facts(program.trainer.workload.name)
    return {f"workload_{kind}": package for kind, package in facts.items()}


def make_program(job: Job) -> Program:
    """The program of a job: its workload, and the switches among its hyperparameters."""
    workload = json.dumps(job.workload, sort_keys=True)
    hyperparameters = as_arrays(Configuration.from_json(job.configuration))
    name = f"{workload} {jax.tree.structure(hyperparameters)}"
    return Program(name, trainer(workload), hyperparameters)


@functools.cache
def trainer(workload: str) -> Trainer:
    """The trainer of a workload given as JSON; it is kept with all that it has compiled."""
    return arm_trainer(make_workload(**json.loads(workload)), devices())


@functools.cache
def devices() -> DataParallel | None:
    """The devices that train a run together; None if there is one."""
    return all_devices()


@functools.cache
def facts() -> dict[str, Any]:
    """Machine, devices, threads, packages and code: what else decides the bits of a result."""
    all_of_run = jax.devices()
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "platform": platform.platform(),
        "processor": processor(),
        **provenance.collect(),
        "jaxlib": version("jaxlib"),
        "device_kind": all_of_run[0].device_kind,
        "device_count": len(all_of_run),
        "threads": {name: os.environ.get(name) for name in THREAD_VARIABLES},
    }


def run_digest(job: Job, program_facts: dict[str, Any]) -> str:
    """Names a run by all that its bits depend on: only the same run goes on from its checkpoint."""
    machine = ("host", "pid", "platform", "processor")
    decisive = {name: fact for name, fact in facts().items() if name not in machine}
    document = json.dumps([asdict(job), decisive, program_facts], sort_keys=True)
    return hashlib.sha256(document.encode()).hexdigest()[:32]


def main() -> None:
    """Serve the controller at the other end of standard input and output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the controller's to handle
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints goes to the log, not between our messages
    policy = CheckpointPolicy.from_arguments(sys.argv[1:])

    stopping = threading.Event()
    worker = Worker(speaker(output), policy, stopping)
    if policy is not None:  # a machine that is about to be taken away says so by this signal
        signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    try:
        for job in jobs(sys.stdin, stopping, end=lambda: os._exit(0)):
            worker.work(job)
    except InterruptedRunError:
        output.flush()
        os._exit(STOPPED)  # not sys.exit: the other thread waits for the controller


if __name__ == "__main__":
    main()
