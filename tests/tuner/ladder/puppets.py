"""Workers that train nothing: what a run comes to is a function of its seed and its budget."""

import math
from collections import deque
from collections.abc import Callable, Iterator
from typing import Self

from shampoo_tune.study import Measurement, RunState
from shampoo_tune.tuner.messages import Failed, Finished, Job, Measured, Message, Started
from shampoo_tune.workloads import WORKLOADS

Value = Callable[[Job], float]  # of the metric at the last step; not finite for an infeasible run


class BrokenPuppetError(Exception):
    """The code of a puppet is wrong: its runs have no verdict."""


class Puppets:
    """In place of `LocalWorkers`: two workers that take one message's time for a run."""

    def __init__(self, value: Value) -> None:
        self._value = value
        self._jobs: deque[Job] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._jobs.clear()

    def idle(self) -> int:
        return 2 - len(self._jobs)

    def submit(self, job: Job) -> None:
        self._jobs.append(job)

    def drop(self, *, save: bool) -> None:
        del save
        self._jobs.clear()

    def messages(self, timeout: float) -> Iterator[Message]:
        if not self._jobs:
            return
        job = self._jobs.popleft()
        yield Started(job.run_id, {})
        try:
            value = self._value(job)
        except BrokenPuppetError:
            yield Failed(job.run_id, "broken")
            return
        if not math.isfinite(value):
            yield Finished(job.run_id, RunState.INFEASIBLE, "diverged at step 1")
            return
        metrics = dict.fromkeys(WORKLOADS["mlp_digits"].metrics, value)
        yield Measured(job.run_id, Measurement(job.steps, metrics))
        yield Finished(job.run_id, RunState.COMPLETED, None)
