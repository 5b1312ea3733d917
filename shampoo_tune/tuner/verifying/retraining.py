"""Trains runs once more by the workers that train every study; nothing is written anywhere."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from shampoo_tune.study import Measurement
from shampoo_tune.tuner.dispatcher import Dispatcher
from shampoo_tune.tuner.messages import Failed, Finished, Job, Measured, Message, Started
from shampoo_tune.tuner.submission import workload_arguments
from shampoo_tune.tuner.thread_settings import ONE_THREAD, THREAD_VARIABLES
from shampoo_tune.tuner.verifying.second_training import (
    Again,
    Outcome,
    Published,
    SecondTraining,
    compare,
)

Threads = Mapping[str, str | None]
OpenWorkers = Callable[[Threads], AbstractContextManager[Dispatcher]]


@dataclass
class _Job:
    published: Published
    facts: dict[str, Any] = field(default_factory=dict)
    measured: list[Measurement] = field(default_factory=list)


def retrain(
    runs: Sequence[Published],
    open_workers: OpenWorkers,
    tolerance: float,
    on_done: Callable[[SecondTraining], None],
    should_stop: Callable[[], bool],
) -> list[SecondTraining]:
    """Train runs, each with the thread settings that it had, and compare.

    Args:
        runs: in the order that they are begun.
        open_workers: starts workers with these thread settings.
        tolerance: see `compare`.
        on_done: called with each run that ends.
        should_stop: asked at least once a second; once true, what is trained is given up.

    Returns:
        Those that ended, in the order of `runs`.
    """
    by_threads: dict[tuple[tuple[str, str | None], ...], list[Published]] = {}
    for run in runs:
        by_threads.setdefault(_threads(run), []).append(run)
    done = list[SecondTraining]()
    for threads, several in by_threads.items():
        if should_stop():
            break
        with open_workers(dict(threads)) as workers:
            for ended in _train(workers, several, tolerance, should_stop):
                done.append(ended)
                on_done(ended)
    return sorted(done, key=lambda ended: runs.index(ended.published))


def _threads(run: Published) -> tuple[tuple[str, str | None], ...]:
    """The settings that a run had: of these variables and no others, as a report is anybody's."""
    told = run.facts.get("threads", ONE_THREAD)
    return tuple((name, told.get(name)) for name in THREAD_VARIABLES)


def _train(
    workers: Dispatcher,
    runs: Sequence[Published],
    tolerance: float,
    should_stop: Callable[[], bool],
) -> Iterator[SecondTraining]:
    waiting = deque(enumerate(runs))
    active: dict[int, _Job] = {}
    while (waiting or active) and not should_stop():
        while waiting and workers.idle():
            number, run = waiting.popleft()
            active[number] = _Job(run)
            workers.submit(_job(number, run))
        for message in workers.messages(timeout=1.0):
            job = active[message.run_id]
            if (ended := _hear(job, message, tolerance)) is not None:
                del active[message.run_id]
                yield ended


def _job(number: int, published: Published) -> Job:
    study, run = published.study, published.run
    return Job(
        run_id=number,
        workload=workload_arguments(study.file),
        configuration=dict(published.configuration),
        seed=run.seed,
        steps=study.row.steps,
        eval_every=study.row.eval_every,
        trial=run.trial,
    )


def _hear(job: _Job, message: Message, tolerance: float) -> SecondTraining | None:
    """Remember what a worker says; returns the comparison once that is its last word."""
    match message:
        case Started():
            job.facts = message.facts
        case Measured():
            job.measured.append(message.measurement)
        case Finished():
            again = Again(message.state, message.reason, tuple(job.measured), job.facts)
            return compare(job.published, again, tolerance)
        case Failed():
            return SecondTraining(job.published, Outcome.FAILED, failure=message.reason)
    return None
