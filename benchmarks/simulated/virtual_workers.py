"""A dispatcher whose workers train nothing: time leaps from one event to the next."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count as count_from

from benchmarks.simulated.runs import Rates, events
from shampoo_tune.tuner.messages import Failed, Finished, Job, Message


@dataclass(frozen=True)
class Stay:
    """An attempt and the virtual time in which it had a worker.

    Attributes:
        run_id: the run.
        number: of the attempt, from 1.
        began: when the worker got it.
        ended: when the worker was idle again.
        message: how it ended; None if it was dropped.
    """

    run_id: int
    number: int
    began: float
    ended: float
    message: Finished | Failed | None


class VirtualWorkers:
    """So many workers with a clock of their own, which stands still while the controller works.

    Attributes:
        count: of workers.
        stays: what they did, in the order of the ends.
        cpu_seconds: of this process that the simulation took, and not the controller.
    """

    def __init__(
        self,
        count: int,
        rates: Rates,
        seed: int,
        controller_clock: Callable[[], float] | None = None,
    ) -> None:
        """All are idle.

        Args:
            count: of workers.
            rates: of steps and accidents.
            seed: of accidents.
            controller_clock: if given, what the controller takes by this clock passes for the
                workers too: several runs may end, and wait, before it listens again.
        """
        self.count = count
        self.stays: list[Stay] = []
        self.cpu_seconds = 0.0
        self._rates, self._seed = rates, seed
        self._now = 0.0
        self._events: list[tuple[float, int, Message]] = []  # a heap
        self._order = count_from()  # of what is said at the same time
        self._attempts: Counter[int] = Counter()
        self._busy: dict[int, float] = {}  # since when, by run
        self._controller_clock = controller_clock
        self._left_at = controller_clock() if controller_clock else 0.0

    def clock(self) -> float:
        """Virtual seconds since the beginning."""
        return self._now

    def idle(self) -> int:
        """How many workers have nothing to do."""
        return self.count - len(self._busy)

    def submit(self, job: Job) -> None:
        """Give a job to one of them."""
        with self._simulating():
            if not self.idle():
                raise AssertionError("no worker is idle")
            self._attempts[job.run_id] += 1
            self._busy[job.run_id] = self._now
            number = self._attempts[job.run_id]
            for seconds, message in events(job, number, self._rates, self._seed):
                heappush(self._events, (self._now + seconds, next(self._order), message))

    def drop(self, *, save: bool) -> None:
        """Give up all jobs."""
        del save
        self._events.clear()
        for run_id in list(self._busy):
            self._release(run_id, self._now, None)

    def messages(self, timeout: float) -> Iterator[Message]:
        """What is said until the next run ends, or for `timeout` virtual seconds.

        Never more, so that the worker has its next job from the very moment. If the controller's
        time passes too: what was said in it, or else the next word.
        """
        with self._simulating():
            said = list(self._overdue()) or list(self._until_next_end(timeout))
        yield from said

    def _overdue(self) -> Iterator[Message]:
        """What was said while the controller did other things."""
        while self._events and self._events[0][0] <= self._now:
            yield self._next()

    def _until_next_end(self, timeout: float) -> Iterator[Message]:
        deadline = self._now + timeout
        while self._events and self._events[0][0] <= deadline:
            message = self._next()
            yield message
            if self._controller_clock or isinstance(message, (Finished, Failed)):
                return
        self._now = deadline

    def _next(self) -> Message:
        at, _, message = heappop(self._events)
        self._now = max(self._now, at)
        if isinstance(message, (Finished, Failed)):
            self._release(message.run_id, at, message)
        return message

    def _release(self, run_id: int, at: float, message: Finished | Failed | None) -> None:
        began, number = self._busy.pop(run_id), self._attempts[run_id]
        self.stays.append(Stay(run_id, number, began, at, message))

    @contextmanager
    def _simulating(self) -> Iterator[None]:
        """The block is the simulation's own time, and what was before it the controller's."""
        began = time.process_time()
        if self._controller_clock:
            self._now += self._controller_clock() - self._left_at
        yield
        if self._controller_clock:
            self._left_at = self._controller_clock()
        self.cpu_seconds += time.process_time() - began
