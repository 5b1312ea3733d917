"""What each question about a large study takes, beside its limit.

Usage: python -m benchmarks.views [--trials 10000] [--steps 100] [--keep PATH]

Builds a database of one study, 10,000 trials x 100 measurements x 5 metrics, and asks it as the
commands do. Cold: a new connection, and the file's pages given back to the disk. Warm: asked again;
beside it the CPU time, which is the same where nothing else runs, and hardly changes where much
does. All are medians. Exit code 1 if a CPU time is over its limit.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from benchmarks.large_database import STUDY, make_large_database
from shampoo_tune.storage.database import open_existing
from shampoo_tune.storage.results import cost_of, curve_rows, run_results
from shampoo_tune.study import Phase

__all__ = ["QUESTIONS", "make_large_database"]

_LIST_MS, _COST_MS, _STUDY_MS = 100, 200, 1000
_METRIC = "valid_accuracy"
_FIVE = [0, 1, 2, 3, 4]
_COLD, _WARM = 3, 5


@dataclass(frozen=True)
class Question:
    """Something that is asked about study 1; `ask` returns its rows."""

    name: str
    limit: int  # milliseconds
    ask: Callable[[Connection], Sequence[Any]]


def _view(name: str, view: str, limit: int, more: str = "") -> Question:
    query = text(f"select * from {view} where study = :study {more}")  # noqa: S608
    return Question(name, limit, lambda c: c.execute(query, {"study": STUDY}).all())


_OF_METRIC = f"and metric = '{_METRIC}'"
QUESTIONS = (
    Question("v1_studies", _LIST_MS, lambda c: c.execute(text("select * from v1_studies")).all()),
    _view("v1_trials, first page of 50", "v1_trials", _LIST_MS, "order by trial limit 50"),
    _view("v1_trials, all of the study", "v1_trials", _STUDY_MS),
    _view("v1_trials, best 50", "v1_trials", _STUDY_MS, "order by search_value desc limit 50"),
    _view("v1_trial_parameters, all", "v1_trial_parameters", _STUDY_MS),
    _view("v1_seed_medians, one metric", "v1_seed_medians", _LIST_MS, _OF_METRIC),
    _view("v1_seed_medians, final", "v1_seed_medians", _LIST_MS, "and phase = 'final'"),
    _view("v1_seed_medians, all", "v1_seed_medians", _STUDY_MS),
    _view("v1_steps_to_target, all", "v1_steps_to_target", _STUDY_MS),
    _view("v1_curves of 5 trials", "v1_curves", _STUDY_MS, "and trial in (0, 1, 2, 3, 4)"),
    Question("run_results", _STUDY_MS, lambda c: run_results(c, 1, _METRIC)),
    Question(
        "curve_rows of 5 trials",
        _STUDY_MS,
        lambda c: curve_rows(c, 1, _METRIC, Phase.SEARCH, _FIVE),
    ),
    Question(
        "curve_rows, final seeds", _STUDY_MS, lambda c: curve_rows(c, 1, _METRIC, Phase.FINAL)
    ),
    Question("cost_of", _COST_MS, lambda c: [cost_of(c, 1)]),
)


@dataclass(frozen=True)
class Timing:
    """Medians in milliseconds; `cpu` is what this process computed of `warm`."""

    cold: float
    warm: float
    cpu: float
    rows: int


def measure(path: Path, question: Question) -> Timing:
    """Ask a few new connections, each once cold and then several times."""
    cold: list[float] = []
    warm: list[float] = []
    cpu: list[float] = []
    for _ in range(_COLD):
        _forget(path)
        with open_existing(f"sqlite:///{path}") as database, database.read() as connection:
            cold.append(_ask(connection, question)[0])
            for _ in range(_WARM):
                wall, computed = _ask(connection, question)
                warm.append(wall)
                cpu.append(computed)
            rows = len(question.ask(connection))
    median = statistics.median
    return Timing(cold=median(cold), warm=median(warm), cpu=median(cpu), rows=rows)


def _ask(connection: Connection, question: Question) -> tuple[float, float]:
    """Milliseconds on the wall and of this process."""
    wall, computed = time.perf_counter(), time.process_time()
    question.ask(connection)
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - computed)


def _forget(path: Path) -> None:
    """Drop the operating system's copy of the file."""
    descriptor = os.open(path, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


def main() -> None:
    """Build the database, unless it is there, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="where the database is kept, or is already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.keep or Path(folder) / "large.db"
        if not path.exists():
            started = time.perf_counter()
            make_large_database(path, options.trials, options.steps)
            seconds, size = time.perf_counter() - started, path.stat().st_size / 1e6
            budget = f"{options.trials:,} trials x {options.steps} steps"
            print(f"{budget}: {size:,.0f} MB, written in {seconds:.0f} s\n")
        sys.exit(report(path))


def report(path: Path) -> int:
    """Print a row per question; returns 1 if any takes more than its limit, else 0."""
    over = False
    print(f"{'question':30} {'rows':>7} {'cold ms':>8} {'warm ms':>8} {'cpu ms':>8} {'limit':>6}")
    for question in QUESTIONS:
        t = measure(path, question)
        over |= t.cpu > question.limit
        print(
            f"{question.name:30} {t.rows:7,} {t.cold:8.1f} {t.warm:8.1f} {t.cpu:8.1f} "
            f"{question.limit:6,}"
        )
    return int(over)


if __name__ == "__main__":
    main()
