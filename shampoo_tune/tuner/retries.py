"""Which failed runs one controller tries again, when, and when it is no accident any more."""

import time
from collections import Counter
from collections.abc import Callable

from shampoo_tune.tuner.messages import Failed

MAX_FAILURES = 3  # of one run's code, before the run counts as failed
MAX_LOSSES = 10  # of its machine: on preemptible ones three are no rarity among thousands of runs
RETRY_SECONDS = (1.0, 5.0)  # before the second and each later one: what broke may need a moment
MAX_FAILED_RUNS = 3  # then stop and say so
MAX_ALIKE = 3  # failures in a row for the same reason: then too, as a bug breaks every run


class Retries:
    """Counts failures.

    Attributes:
        failed: runs that are not tried again.
        waiting: runs that are, and when by `clock`.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.failed: set[int] = set()
        self.waiting: dict[int, float] = {}
        self._failures: Counter[int] = Counter()
        self._losses: Counter[int] = Counter()
        self._reason, self._alike = "", 0

    @property
    def blocked(self) -> bool:
        """Whether it is no accident: no more runs shall begin."""
        return len(self.failed) >= MAX_FAILED_RUNS or self._alike >= MAX_ALIKE

    def again(self, failure: Failed) -> bool:
        """Count a failure; returns whether its run is to be tried again.

        One whose machine was taken away, but which was saved, goes on at once, however often.
        """
        if failure.saved:
            return True
        run_id = failure.run_id
        if failure.lost:  # a machine that is gone is no bug
            counts, most = self._losses, MAX_LOSSES
        else:
            counts, most = self._failures, MAX_FAILURES
            self._count_alike(failure.reason)
        counts[run_id] += 1
        if counts[run_id] >= most or self._alike >= MAX_ALIKE:
            self.failed.add(run_id)
            return False
        wait = RETRY_SECONDS[min(counts[run_id], len(RETRY_SECONDS)) - 1]
        self.waiting[run_id] = self._clock() + wait
        return True

    def _count_alike(self, reason: str) -> None:
        raised = reason.rstrip().rsplit("\n", 1)[-1]  # the last line of a traceback
        self._alike = self._alike + 1 if raised == self._reason else 1
        self._reason = raised

    def succeeded(self) -> None:
        """Some run came to its verdict: what failed before is not in a row with what comes."""
        self._reason, self._alike = "", 0

    def take_due(self) -> bool:
        """Forget which runs have waited long enough; returns whether there were any."""
        due = [run_id for run_id, at in self.waiting.items() if at <= self._clock()]
        for run_id in due:
            del self.waiting[run_id]
        return bool(due)
