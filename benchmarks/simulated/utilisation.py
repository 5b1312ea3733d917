"""How busy workers were: in all, and while there was anything to do for another one.

At the end of a phase fewer runs are left than workers, and the next phase cannot begin: no
dispatcher can help that. While a run waits for a worker, none should be idle.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from benchmarks.simulated.virtual_workers import Stay
from shampoo_tune.study import Phase
from shampoo_tune.tuner import retries
from shampoo_tune.tuner.messages import Failed

PhaseOf = Mapping[int, tuple[int, Phase]]  # study and phase, by run
_Interval = tuple[float, float]


def utilisation(stays: Sequence[Stay], workers: int) -> float:
    """The share of all workers' time, until the last run ended, in which they had a run."""
    busy = sum(stay.ended - stay.began for stay in stays)
    return busy / (workers * makespan(stays))


def makespan(stays: Sequence[Stay]) -> float:
    """When the last run ended."""
    return max(stay.ended for stay in stays)


def utilisation_while_runs_wait(stays: Sequence[Stay], workers: int, phases: PhaseOf) -> float:
    """The same of the time in which at least one run could have begun if a worker had been idle."""
    changes: dict[float, list[int]] = defaultdict(lambda: [0, 0])  # of runs busy and waiting
    with_workers = ((stay.began, stay.ended) for stay in stays)
    for place, intervals in enumerate((with_workers, _waiting(stays, phases))):
        for begin, end in intervals:
            changes[begin][place] += 1
            changes[end][place] -= 1
    busy = waiting = 0
    busy_seconds = seconds = 0.0
    for at, following in pairwise(sorted(changes)):
        busy, waiting = busy + changes[at][0], waiting + changes[at][1]
        if waiting:
            busy_seconds += busy * (following - at)
            seconds += following - at
    return busy_seconds / (workers * seconds) if seconds else 1.0


def _waiting(stays: Sequence[Stay], phases: PhaseOf) -> Iterator[_Interval]:
    """From when an attempt could begin to when it did."""
    ready = {stay.run_id: 0.0 for stay in stays}
    phase_ends = _phase_ends(stays, phases)
    failures = Counter[tuple[int, bool]]()  # of a run's code, and of its machines
    for stay in sorted(stays, key=lambda stay: stay.number):
        if stay.number == 1:
            ready[stay.run_id] = phase_ends[_before(*phases[stay.run_id])]
        yield min(ready[stay.run_id], stay.began), stay.began
        if isinstance(stay.message, Failed):
            kind = stay.run_id, stay.message.lost
            failures[kind] += 1
            ready[stay.run_id] = stay.ended + _pause(failures[kind], lost=stay.message.lost)


def _pause(failures: int, *, lost: bool) -> float:
    """Before the next attempt; a run that has failed for good waits for its user, not for us."""
    most = retries.MAX_LOSSES if lost else retries.MAX_FAILURES
    if failures % most == 0:
        return math.inf
    return retries.RETRY_SECONDS[min(failures % most, len(retries.RETRY_SECONDS)) - 1]


def _phase_ends(stays: Sequence[Stay], phases: PhaseOf) -> Mapping[tuple[int, str], float]:
    """When the last run of each study's phase ended; what was before a search did at 0."""
    ends: dict[tuple[int, str], float] = defaultdict(float)
    for stay in stays:
        key = phases[stay.run_id]
        ends[key] = max(ends[key], stay.ended)
    return ends


def _before(study: int, phase: Phase) -> tuple[int, str]:
    order = ["", *Phase]
    return study, order[order.index(phase) - 1]
