"""A worker in a thread, for a Ray actor: its news can be asked for while it trains.

The actor's own thread stays free to answer; training goes on between two of its answers.
"""

import contextlib
import functools
import importlib
import signal
import socket
import threading
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from shampoo_tune.tuner.checkpoint_policy import CheckpointPolicy
from shampoo_tune.tuner.messages import Failed, Finished, Message, decode_job, encode
from shampoo_tune.tuner.thread_settings import use_cache
from shampoo_tune.workloads.snapshot import InterruptedRunError


@dataclass(frozen=True)
class News:
    """What was heard of a job.

    Attributes:
        lines: messages as `messages.encode` writes them.
        ended: whether the job has.
        retired: whether its process begins no more, as it was stopped.
    """

    lines: Sequence[str]
    ended: bool = False
    retired: bool = False


class Host:
    """One process that trains."""

    def __init__(self, worker: str, policy: Sequence[str]) -> None:
        """Begins a thread; JAX is imported with the first job.

        Args:
            worker: `module:class` of what does the jobs, such as `tuner.worker:Worker`.
            policy: arguments of `CheckpointPolicy`; none if runs are not saved.
        """
        self._worker = worker
        self._policy = CheckpointPolicy.from_arguments(policy)
        self._jobs: SimpleQueue[str] = SimpleQueue()
        self._said: SimpleQueue[Message] = SimpleQueue()
        self._stopping = threading.Event()
        self._retired = False
        if self._policy:  # a machine that is about to be taken away says so by this signal
            signal.signal(signal.SIGTERM, lambda *_: self._stopping.set())
        threading.Thread(target=self._work, daemon=True).start()

    def join(self, coordinator: str, processes: int, rank: int) -> None:
        """Train together with other hosts, each of which calls this before its first job.

        Args:
            coordinator: `address:port` at the host of rank 0.
            processes: number of hosts.
            rank: of this host.
        """
        import jax

        jax.config.update("jax_cpu_collectives_implementation", "gloo")  # type: ignore[no-untyped-call]
        jax.distributed.initialize(coordinator, processes, rank)

    def offer(self) -> str:
        """`address:port` at which the host of rank 0 can be the coordinator."""
        from ray.util import get_node_ip_address

        with socket.socket() as probe:
            probe.bind(("", 0))
            return f"{get_node_ip_address()}:{probe.getsockname()[1]}"

    def begin(self, job: str) -> None:
        """Train a job, a line of `messages.encode`."""
        self._jobs.put(job)

    def stop(self) -> None:
        """Save the run that trains and begin no more, if runs are saved at all."""
        self._stopping.set()

    def hear(self, seconds: float) -> News:
        """What the worker said, waiting up to `seconds` for the end of the job.

        Other words wait for each other, as a local worker's measurements do: whatever an actor
        answers takes some milliseconds of the controller's processor.
        """
        said: list[Message] = []
        deadline = time.monotonic() + seconds
        while not _ended(said) and (left := deadline - time.monotonic()) > 0:
            said += self._take(min(left, 0.5))  # a signal's handler runs between two of these
        ended = _ended(said)
        return News([encode(message) for message in said], ended, ended and self._retired)

    def _take(self, seconds: float) -> list[Message]:
        said: list[Message] = []
        with contextlib.suppress(Empty):
            said.append(self._said.get(timeout=seconds))
            while True:
                said.append(self._said.get_nowait())
        return said

    def _work(self) -> None:
        while not self._retired:
            job = decode_job(self._jobs.get())
            try:
                self._make_worker().work(job)
            except InterruptedRunError as stopped:
                self._retired = True
                self._said.put(Failed(job.run_id, str(stopped), lost=True, saved=True))
            except Exception:  # a library is missing, or a device is taken
                self._said.put(Failed(job.run_id, traceback.format_exc(limit=-8)))

    @functools.cache  # noqa: B019  (a process has one host)
    def _make_worker(self) -> Any:
        use_cache()
        module, _, name = self._worker.partition(":")
        make = getattr(importlib.import_module(module), name)
        return make(self._said.put, self._policy, self._stopping)


def _ended(said: Sequence[Message]) -> bool:
    return any(isinstance(message, (Finished, Failed)) for message in said)
