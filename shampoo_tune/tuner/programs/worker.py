"""A worker process that runs a program for each job, with the messages of every other worker.

It imports no JAX and holds no database address. Started by `local_workers.py` as the leader of a
process group, with the command's template as its arguments: the group is the worker, the program
and all that the program starts, and it ends as one.
"""

import functools
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from shampoo_tune.study import RunState
from shampoo_tune.tuner import provenance
from shampoo_tune.tuner.messages import Failed, Finished, Job, Measured, Message, Started
from shampoo_tune.tuner.pipes import jobs, speaker
from shampoo_tune.tuner.processor import processor
from shampoo_tune.tuner.programs.command import Command
from shampoo_tune.tuner.programs.output import Output, Verdict
from shampoo_tune.tuner.thread_settings import THREAD_VARIABLES

DIVERGED = 99  # a program's exit code that is a verdict on the point: its run is infeasible
_TAIL = 2000  # characters of standard error that are kept as the reason


def work(job: Job, command: Command, say: Callable[[Message], None]) -> None:
    """Run the program once and say what happened."""
    say(Started(job.run_id, facts() | {"workload_fingerprint": command.digest}))
    started = time.perf_counter()
    output = Output(job, lambda measurement: say(Measured(job.run_id, measurement)))
    try:
        verdict = _run(command.of(job), job, output)
    except OSError as error:
        verdict = Failed(job.run_id, f"the program cannot be started: {error}")
    if isinstance(verdict, Finished):
        verdict = replace(verdict, timings={"seconds": time.perf_counter() - started})
    say(verdict)


def _run(argv: list[str], job: Job, output: Output) -> Verdict:
    with (
        tempfile.TemporaryFile("w+", errors="replace") as errors,
        subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            errors="replace",
        ) as program,
    ):
        if program.stdout is None:
            raise AssertionError("it was asked for as a pipe")
        for line in program.stdout:
            if verdict := output.take(line):
                program.kill()
                return verdict
        code = program.wait()
        if code == 0:
            return output.end()
        if code == DIVERGED:
            reason = f"diverged: the program ended with exit code {DIVERGED}"
            return Finished(job.run_id, RunState.INFEASIBLE, reason)
        errors.seek(0)
        said = errors.read()[-_TAIL:].strip() or output.log()[-_TAIL:]
    how = f"signal {-code}" if code < 0 else f"exit code {code}"
    reason = f"the program ended with {how}\n{said}".strip()
    return Failed(job.run_id, reason.replace("\0", ""))  # which PostgreSQL does not take


@functools.cache
def facts() -> dict[str, Any]:
    """Machine, threads and packages; what the program itself uses is not known."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "platform": platform.platform(),
        "processor": processor(),
        **provenance.collect(),
        "threads": {name: os.environ.get(name) for name in THREAD_VARIABLES},
    }


def main() -> None:
    """Serve the controller at the other end of standard input and output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the controller's to handle
    output = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    say, command = speaker(output), Command(tuple(sys.argv[1:]))
    for job in jobs(sys.stdin, threading.Event(), end=_end_group):
        work(job, command, say)


def _end_group() -> None:
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
