"""A worker process's ends of the two pipes to its controller."""

import threading
import time
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from typing import TextIO

from shampoo_tune.tuner.messages import STOP, Job, Measured, Message, decode_job, encode

_TOGETHER_SECONDS = 2.0  # that measurements wait for each other: every line wakes the controller


def speaker(
    output: TextIO, clock: Callable[[], float] = time.monotonic
) -> Callable[[Message], None]:
    """Writes messages to the controller: measurements within a moment, all others at once."""
    told_at = clock()

    def say(message: Message) -> None:
        nonlocal told_at
        output.write(encode(message))
        if not isinstance(message, Measured) or clock() - told_at >= _TOGETHER_SECONDS:
            output.flush()
            told_at = clock()

    return say


def jobs(source: TextIO, stopping: threading.Event, end: Callable[[], object]) -> Iterator[Job]:
    """Jobs as they arrive.

    Args:
        source: what the controller says.
        stopping: set when the controller asks for the run to be saved.
        end: ends the process at once, from another thread, when the controller is gone: the main
            thread may be deep in a training step.
    """
    queue: SimpleQueue[Job] = SimpleQueue()

    def read() -> None:
        for line in source:
            if line == STOP:
                stopping.set()
            else:
                queue.put(decode_job(line))
        end()

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield queue.get()
