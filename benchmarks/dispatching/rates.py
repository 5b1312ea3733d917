"""What a run costs while all workers are busy: start and end of a launch are left out."""

from collections.abc import Sequence

from benchmarks.dispatching.launches import Mark


def searched(marks: Sequence[Mark]) -> list[Mark]:
    """The runs of the search, during which no worker waits for the end of a phase."""
    return [mark for mark in marks if mark.phase == "search"]


def worker_seconds(marks: Sequence[Mark], workers: int) -> float:
    """Seconds that a run has a worker for itself, what the worker waits included.

    Counted from when all workers have ended their first run, so that nothing of their start is in
    it.

    Raises:
        ValueError: no worker has ended a second run.
    """
    if len(marks) <= workers:
        raise ValueError(f"{len(marks)} runs are not more than {workers} workers")
    span = marks[-1].at - marks[workers - 1].at
    return workers * span / (len(marks) - workers)


def controller_seconds(marks: Sequence[Mark]) -> float:
    """Seconds that the launch's own process computes for a run, counted from the first one's end.

    Raises:
        ValueError: fewer than two runs.
    """
    if len(marks) < 2:
        raise ValueError(f"two runs are the fewest, got {len(marks)}")
    return (marks[-1].cpu - marks[0].cpu) / (len(marks) - 1)
