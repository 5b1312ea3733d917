"""The same search by two workers and by one."""

from collections.abc import Iterator

from benchmarks.dispatching.conditions import Conditions, tell
from benchmarks.dispatching.figures import Figure
from benchmarks.dispatching.launches import Ordered, budget, launch
from benchmarks.dispatching.rates import searched, worker_seconds

WORKERS = 2


def two_workers(conditions: Conditions) -> Iterator[Figure]:
    """How many times as many runs in a second, once all workers are at work."""
    turns = [
        (_seconds(conditions, 1), _seconds(conditions, WORKERS))
        for _ in range(conditions.sizes.rounds)
    ]
    alone, beside = zip(*turns, strict=True)
    yield Figure("a run by the only worker", "s", alone)
    yield Figure("a run by one of two workers", "s", beside)
    times = [WORKERS * one / two for one, two in turns]
    yield Figure("two workers against one", "times", times, limit=1.8, at_least=True)


def _seconds(conditions: Conditions, workers: int) -> float:
    """Seconds that a run has a worker for itself."""
    runs = conditions.sizes.long_runs
    tell(f"{runs} runs by {workers} worker{'s' if workers > 1 else ''}")
    folder, cache = conditions.new_folder(), conditions.shared_cache
    launched = launch(Ordered(folder, cache, workers, budget(runs, WORKERS)))
    return worker_seconds(searched(launched.marks), workers)
