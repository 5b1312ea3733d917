"""Which failed runs one controller tries again, when, and when it is no accident any more."""

import time
from collections import Counter

from shampoo_tune.tuner.messages import Failed

MAX_ATTEMPTS = 3  # of one run, before the run counts as failed
RETRY_SECONDS = (1.0, 5.0)  # before the second and the third: what broke may need a moment
MAX_FAILED_RUNS = 3  # then stop and say so
MAX_ALIKE = 3  # failures in a row for the same reason: then too, as a bug breaks every run


class Retries:
    """Counts failures.

    Attributes:
        failed: runs that are not tried again.
        waiting: runs that are, and when (`time.monotonic`).
    """

    def __init__(self) -> None:
        self.failed: set[int] = set()
        self.waiting: dict[int, float] = {}
        self._failures: Counter[int] = Counter()
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
        self._failures[run_id] += 1
        if not failure.lost:  # a machine that is gone is no bug
            self._count_alike(failure.reason)
        if self._failures[run_id] >= MAX_ATTEMPTS or self._alike >= MAX_ALIKE:
            self.failed.add(run_id)
            return False
        self.waiting[run_id] = time.monotonic() + RETRY_SECONDS[self._failures[run_id] - 1]
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
        due = [run_id for run_id, at in self.waiting.items() if at <= time.monotonic()]
        for run_id in due:
            del self.waiting[run_id]
        return bool(due)
