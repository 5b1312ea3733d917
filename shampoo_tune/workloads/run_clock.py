"""The time that a run takes, over all of its attempts."""

import time


class RunClock:
    """Seconds of a run, and of them those spent inside its `with` blocks, which are evaluations."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self.evaluation_seconds = 0.0

    @property
    def seconds(self) -> float:
        """All of it."""
        return time.perf_counter() - self._started

    def go_on(self, seconds: float, evaluation_seconds: float) -> None:
        """Count what earlier attempts took up to the checkpoint."""
        self._started -= seconds
        self.evaluation_seconds += evaluation_seconds

    def __enter__(self) -> None:
        self._entered = time.perf_counter()

    def __exit__(self, *exception: object) -> None:
        self.evaluation_seconds += time.perf_counter() - self._entered
