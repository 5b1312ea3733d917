"""A pool of whole studies, trained once, kept on disk, and read as arrays.

The file holds a JSON line a task. A pool that was interrupted goes on where it stopped; another
study file, or another jaxlib, has another pool.
"""

import functools
import hashlib
import json
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.protocol_records import (
    Record,
    read_candidates,
    read_studies,
    read_winners,
    run_count,
)
from benchmarks.protocol_rules import Studies
from benchmarks.protocol_selection import RUNS, Candidates
from benchmarks.protocol_training import STUDY_FILE, Task, load_study, perform
from shampoo_tune.tuner.thread_settings import THREAD_VARIABLES, usable_cores

ARMS = PLAIN, WEAKER, WEAK = "plain", "weaker", "weak"  # as in protocol_study.yaml
CANDIDATES = 8  # trials of a study that are run again to try rules of selection
TRUTH = 50  # seeds of each that tell its true value
MANY = 600  # seeds of a winner whose true median is wanted

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Size:
    """How much a pool holds.

    Attributes:
        studies: of each handicapped arm; the plain arm, which also meets itself, has twice as many.
        selections: studies whose best trials are run again with more seeds.
        winners: winners that are run again with many seeds.
    """

    studies: int
    selections: int
    winners: int


@dataclass(frozen=True)
class Pool:
    """What the runs came to; -inf stands for an infeasible one.

    Attributes:
        arms: whole studies by arm; row r is replicate r.
        candidates: the best trials of the plain arm's first studies.
        winners: shape [winners, MANY], one winner a row.
        runs: how many were trained.
    """

    arms: dict[str, Studies]
    candidates: Candidates
    winners: Array
    runs: int


def default_folder() -> Path:
    """Where pools are kept unless the user says otherwise."""
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "shampoo-tune"


class PoolFile:
    """The file of one pool."""

    def __init__(self, folder: Path, overrides: Sequence[str] = ()) -> None:
        self._overrides = tuple(overrides)
        facts = "\n".join([STUDY_FILE.read_text(), *overrides])
        name = hashlib.sha256(facts.encode()).hexdigest()[:12]
        self.path = folder / f"protocol-{name}-jaxlib-{version('jaxlib')}.jsonl"

    def train(self, size: Size, say: Callable[[str], None]) -> None:
        """Train what the pool lacks."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._perform(_study_tasks(size), say)
        records = self.records()
        self._perform(_winner_tasks(size, records) + _candidate_tasks(size, records), say)

    def read(self, size: Size) -> Pool:
        """The pool as arrays; everything that `size` asks for must have been trained."""
        records = self.records()
        studies = [records[_name(task)] for task in _study_tasks(size)]
        candidates = [records[_name(task)] for task in _candidate_tasks(size, records)]
        winners = [records[_name(task)] for task in _winner_tasks(size, records)]
        budget = load_study(self._overrides).budget
        return Pool(
            arms={
                arm: read_studies([r for r in studies if r["key"][1] == arm], budget)
                for arm in ARMS
            },
            candidates=read_candidates(candidates),
            winners=read_winners(winners),
            runs=sum(run_count(record) for record in studies + candidates + winners),
        )

    def _perform(self, tasks: Sequence[Task], say: Callable[[str], None]) -> None:
        done = self.records()
        waiting = [task for task in tasks if _name(task) not in done]
        progress = _Progress(len(waiting), say)
        with self.path.open("a") as file:
            file.write("\n")  # ends the half line that a kill may have left
            for task, record in zip(waiting, _perform_all(self._overrides, waiting), strict=True):
                file.write(json.dumps({"key": task.key, **record}, allow_nan=False) + "\n")
                file.flush()
                progress.add(run_count(record))

    def records(self) -> dict[str, Record]:
        """By name of the task; half a line, which a kill may leave, is not a record."""
        if not self.path.exists():
            return {}
        lines = self.path.read_text().splitlines(keepends=True)
        whole = [json.loads(line) for line in lines if line.endswith("}\n")]
        return {json.dumps(record["key"]): record for record in whole}


def _perform_all(overrides: tuple[str, ...], tasks: Sequence[Task]) -> Iterator[Record]:
    """The records in the order of the tasks; one process a core, one thread a process."""
    if not tasks:
        return
    os.environ.update(dict.fromkeys(THREAD_VARIABLES, "1"))  # inherited, read when they import JAX
    spawn = multiprocessing.get_context("spawn")
    executor = ProcessPoolExecutor(usable_cores(), mp_context=spawn, initializer=_end_with_parent)
    try:
        yield from executor.map(functools.partial(perform, overrides), tasks)
    finally:
        executor.shutdown(cancel_futures=True)


def _end_with_parent() -> None:
    """Lets no worker outlive a parent that was killed."""
    parent = multiprocessing.parent_process()
    if parent is None:
        raise AssertionError("called in a worker only")

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


class _Progress:
    def __init__(self, tasks: int, say: Callable[[str], None]) -> None:
        self._tasks, self._say, self._done, self._runs = tasks, say, 0, 0
        self._started = time.monotonic()

    def add(self, runs: int) -> None:
        self._done, self._runs = self._done + 1, self._runs + runs
        if self._done % 50 == 0 or self._done == self._tasks:
            rate = self._runs / (time.monotonic() - self._started)
            self._say(f"{self._done}/{self._tasks} tasks, {rate:.0f} runs a second")


def _name(task: Task) -> str:
    return json.dumps(task.key)


def _study_tasks(size: Size) -> list[Task]:
    """Replicate by replicate, so that an unfinished pool is a smaller one."""
    return [
        Task("study", arm, replicate)
        for replicate in range(2 * size.studies)
        for arm in (ARMS if replicate < size.studies else (PLAIN,))
    ]


def _candidate_tasks(size: Size, records: dict[str, Record]) -> list[Task]:
    """The best trials of the plain arm's first studies."""
    rankings = [record["ranking"] for record in _plain(size.selections, records)]
    return [
        Task("candidates", PLAIN, replicate, tuple(ranking[:CANDIDATES]), (RUNS, TRUTH))
        for replicate, ranking in enumerate(rankings)
        if len(ranking) >= CANDIDATES
    ]


def _winner_tasks(size: Size, records: dict[str, Record]) -> list[Task]:
    winners = [record["winner"] for record in _plain(size.winners, records)]
    return [
        Task("candidates", PLAIN, replicate, (winner,), (0, MANY))
        for replicate, winner in enumerate(winners)
        if winner is not None
    ]


def _plain(count: int, records: dict[str, Record]) -> list[Record]:
    return [records[_name(Task("study", PLAIN, replicate))] for replicate in range(count)]
