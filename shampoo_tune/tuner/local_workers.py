"""Worker processes on this machine: one per core, held for many runs, replaced when they die."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Self

from shampoo_tune.tuner.checkpoint_policy import CheckpointPolicy
from shampoo_tune.tuner.messages import (
    STOP,
    STOPPED,
    Failed,
    Finished,
    Job,
    Message,
    decode_message,
    encode,
)
from shampoo_tune.tuner.thread_settings import ONE_THREAD, worker_environment

HUNG_SECONDS = 3600.0  # without a word; longer than an evaluation interval should ever take
SAVE_SECONDS = 20.0  # that a worker may take for its step and its checkpoint when it is to stop
_LOG_TAIL = 2000  # characters of a dead worker's log that are kept as the reason
TRAINER = ("shampoo_tune.tuner.worker",)
_CHUNK = 65536  # bytes, as many as a pipe holds


@dataclass(eq=False)
class _Process:
    """A worker, the job it has, if any, when it was last heard of it, and its unfinished line."""

    popen: subprocess.Popen[bytes]
    stdin: IO[bytes]
    stdout: IO[bytes]
    log: IO[str]
    job: Job | None = None
    heard_at: float = 0.0
    half_line: bytes = b""

    def write(self, line: str) -> None:
        """Say a line, unless the worker has just died: its end is on the way then."""
        with contextlib.suppress(BrokenPipeError):
            self.stdin.write(line.encode())
            self.stdin.flush()

    def kill(self) -> None:
        """End the process and all that it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.popen.pid, signal.SIGKILL)

    def read(self) -> list[bytes] | None:
        """The lines that have come; None at the end of the process. Waits if there is nothing."""
        chunk = os.read(self.stdout.fileno(), _CHUNK)
        if not chunk:
            return None  # a killed worker may leave half a line: its run is repeated whole
        *lines, self.half_line = (self.half_line + chunk).split(b"\n")
        return lines


class LocalWorkers:
    """Runs jobs on up to `count` worker processes. Use as a context manager.

    A worker that says nothing of its job for `hung_seconds`, not even an evaluation, is killed, and
    its job has failed.
    """

    def __init__(
        self,
        count: int,
        hung_seconds: float = HUNG_SECONDS,
        checkpoints: CheckpointPolicy | None = None,
        module: Sequence[str] = TRAINER,
        threads: Mapping[str, str | None] = ONE_THREAD,
    ) -> None:
        """Nothing is started yet.

        Args:
            count: runs at a time.
            hung_seconds: see above.
            checkpoints: how runs are saved; None if they are not.
            module: what a worker process runs, with its first arguments.
            threads: its thread settings, see `worker_environment`.
        """
        self._count = count
        self._module = tuple(module)
        self._threads = threads
        self._hung_seconds = hung_seconds
        self._checkpoints = checkpoints
        self._workers: list[_Process] = []
        self._outputs = selectors.DefaultSelector()

    def __enter__(self) -> Self:
        # All start at once, so that their imports overlap with the controller's own start.
        self._workers = [self._start() for _ in range(self._count)]
        return self

    def __exit__(self, *exception: object) -> None:
        for worker in self._workers:
            worker.kill()
        for worker in self._workers:
            self._bury(worker)
        self._outputs.close()

    def idle(self) -> int:
        """How many jobs `submit` would take now."""
        return self._count - sum(worker.job is not None for worker in self._workers)

    def submit(self, job: Job) -> None:
        """Give a job to an idle worker, started anew if one has died."""
        free = [worker for worker in self._workers if worker.job is None]
        if not free:
            free.append(self._start())
            self._workers += free
        free[0].job, free[0].heard_at = job, time.monotonic()
        free[0].write(encode(job))

    def drop(self, *, save: bool) -> None:
        """Give up all jobs: the workers that have one end, and are heard no more.

        Args:
            save: whether they shall save their runs before, if they save them at all.
        """
        busy = [worker for worker in self._workers if worker.job is not None]
        if save and self._checkpoints:
            self._ask_to_stop(busy)
        for worker in busy:
            self._kill(worker)

    def _ask_to_stop(self, workers: Sequence[_Process]) -> None:
        for worker in workers:
            worker.write(STOP)
        deadline = time.monotonic() + SAVE_SECONDS
        for worker in workers:
            with contextlib.suppress(subprocess.TimeoutExpired):
                worker.popen.wait(max(0.0, deadline - time.monotonic()))

    def messages(self, timeout: float) -> Iterator[Message]:
        """What workers have said, waiting up to `timeout` seconds for the first word."""
        for key, _ in self._outputs.select(timeout):
            yield from self._receive(key.data)
        yield from self._give_up_hung()

    def _give_up_hung(self) -> Iterator[Message]:
        latest = time.monotonic() - self._hung_seconds
        for worker in list(self._workers):
            if worker.job is not None and worker.heard_at < latest:
                reason = f"the worker process said nothing for {self._hung_seconds:.0f} s"
                yield Failed(worker.job.run_id, f"{reason}\n{self._kill(worker)}", lost=True)

    def _kill(self, worker: _Process) -> str:
        """End a worker, of which nothing is heard any more; returns how it ended."""
        worker.kill()
        self._workers.remove(worker)
        return self._bury(worker)

    def _receive(self, worker: _Process) -> Iterator[Message]:
        lines = worker.read()
        if lines is None:
            self._workers.remove(worker)
            reason = self._bury(worker)
            if worker.job is not None:
                saved = worker.popen.returncode == STOPPED
                yield Failed(worker.job.run_id, reason, lost=True, saved=saved)
            return
        worker.heard_at = time.monotonic()
        for line in lines:
            message = decode_message(line)
            if isinstance(message, (Finished, Failed)):
                worker.job = None
            yield message

    def _bury(self, worker: _Process) -> str:
        """Wait for a worker's end and free what it held; returns how it ended."""
        worker.kill()  # what it started may have outlived it
        code = worker.popen.wait()
        self._outputs.unregister(worker.stdout)
        worker.stdout.close()
        worker.log.seek(0)
        log = worker.log.read()[-_LOG_TAIL:]
        worker.log.close()
        with contextlib.suppress(BrokenPipeError):
            worker.stdin.close()
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return f"the worker process ended with {how}\n{log}".strip()

    def _start(self) -> _Process:
        log = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115  (closed in _bury)
        arguments = self._checkpoints.to_arguments() if self._checkpoints else []
        # -P: a file named like a library in the working directory must not be imported.
        popen = subprocess.Popen(
            [sys.executable, "-P", "-m", *self._module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            env=worker_environment(self._threads),
            process_group=0,
        )
        if popen.stdin is None or popen.stdout is None:
            raise AssertionError("both were asked for as pipes")
        worker = _Process(popen, popen.stdin, popen.stdout, log)
        self._outputs.register(worker.stdout, selectors.EVENT_READ, worker)
        return worker
