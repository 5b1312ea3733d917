"""The one interface of all places where runs are trained: this machine, a cluster, a simulation."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from shampoo_tune.tuner.messages import Job, Message


class Dispatcher(Protocol):
    """Where runs are trained: `LocalWorkers`, or machines of a cluster."""

    def idle(self) -> int:
        """How many jobs `submit` would take now."""

    def submit(self, job: Job) -> None:
        """Give a job to an idle worker."""

    def messages(self, timeout: float) -> Iterator[Message]:
        """What workers have said, waiting up to `timeout` seconds."""

    def drop(self, *, save: bool) -> None:
        """Give up all jobs, saved or not: nothing is heard of them any more."""


OpenDispatcher = Callable[[], AbstractContextManager[Dispatcher]]
