"""Real processes that tests kill and stop; they are forked, so that starting one takes a moment.

A forked child has nothing of the test: the server that forks it only imported `PROGRAMS`.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

import psutil

PROGRAMS = [
    "psycopg",
    "scipy.stats",
    *(f"tests.storage.processes.{n}" for n in ("batches", "controllers")),
]
LIMIT = 120.0  # seconds that anything may take on a busy machine

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(PROGRAMS)


class Child:
    """A process, and what it said, in order."""

    def __init__(self, process: BaseProcess, pipe: Connection) -> None:
        self._process = process
        self._pipe = pipe

    def hear(self) -> Any:
        """The next word; fails if the child ends without one."""
        assert self._pipe.poll(LIMIT), "the child says nothing"
        return self._pipe.recv()

    def heard(self) -> list[Any]:
        """All words that it has said by now."""
        words = []
        try:
            while self._pipe.poll():
                words.append(self._pipe.recv())
        except EOFError:
            pass  # it has ended
        return words

    def say(self, word: Any) -> None:
        self._pipe.send(word)

    def kill(self) -> None:
        """As `kill -9` does."""
        self._process.kill()
        self._process.join(LIMIT)

    def stop(self) -> None:
        """As `kill -STOP` does; returns when it stands still."""
        self._signal(signal.SIGSTOP)
        process = psutil.Process(self._process.pid)
        while process.status() != psutil.STATUS_STOPPED:
            pass

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """Wait until it has ended by itself."""
        self._process.join(LIMIT)
        assert self._process.exitcode == 0

    def _signal(self, number: signal.Signals) -> None:
        assert self._process.pid is not None
        os.kill(self._process.pid, number)


@contextmanager
def running(program: Callable[..., None], *arguments: Any) -> Iterator[Child]:
    """Run `program(pipe, *arguments)` as a process, which ends with the block."""
    ours, its = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=program, args=(its, *arguments))
    process.start()
    its.close()
    try:
        yield Child(process, ours)
    finally:
        process.kill()
        process.join(LIMIT)
        ours.close()
