"""What our storage takes beside Optuna's on the same engine, and beside the limits.

Usage: python -m benchmarks.storage [--engine sqlite|postgresql] [--postgresql URL] [--write-docs]

Both hold the same 10,000 trials x 100 measurements of one metric, filled in bulk. Short questions
are asked by a few new connections, the first time and again: medians. Long ones are asked once, by
a new process each. PostgreSQL is the server at the address, where databases are made and dropped,
or one that runs as long as the benchmark. Exit code 1 if a limit is missed: on SQLite by CPU time,
because nothing else computes there, and on PostgreSQL by wall time.
"""

import argparse
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from benchmarks.large_database import fill_large_database, large_file
from benchmarks.optuna_storage import best_trial, curve, enqueue, fill, opened, recorded, report
from benchmarks.storage_engines import Engine, opened_engine
from benchmarks.storage_feeding import WORKERS, feed
from benchmarks.storage_processes import STUDY, ask_new_process, timed
from benchmarks.storage_table import Line, table
from shampoo_tune.storage.database import create_or_open, open_existing
from shampoo_tune.storage.queries import require_group
from shampoo_tune.tuner.submission import points, submit
from shampoo_tune.tuner.summary import summarize

PAGE = Path(__file__).parent.parent / "docs" / "storage_cost.md"
_BLOCK = re.compile(r"(?<=<!-- benchmark -->\n).*?(?=<!-- /benchmark -->)", re.DOTALL)
_GROUP, _METRIC = "large", "valid_accuracy"
_PAGE_TRIALS = 100
_ON_PAGE = "and trial >= :first and trial < :end order by trial"
_OF_RUN = "and trial = :first and phase = 'search' and metric = :metric order by step"
_BEST = "and state = 'completed' order by search_value desc, trial limit 1"
_FINALISTS = "and phase = 'finalists' and metric = :metric"
_COLD, _WARM, _DESIGNS = 3, 5, 3
_ENQUEUED, _REPORTS = 500, 5  # points that Optuna enters, and measurements a run that it records


def lines(
    engine: Engine, trials: int = 10_000, steps: int = 100, fed_runs: int = 600
) -> Iterator[Line]:
    """Fill databases of the engine, and measure line by line."""
    ours, theirs = engine.make("ours"), engine.make("optuna")
    _fill(ours, theirs, trials, steps)
    size, size_of_theirs = engine.settle(ours), engine.settle(theirs)
    limit = 40 if engine.by_cpu else None
    yield Line("size, closed", "MB", size, optuna=size_of_theirs, limit=limit)
    yield from _short_questions(ours, theirs, trials // 2)
    yield from _all_trials(ours, theirs, trials)
    yield _medians(engine, trials, steps)
    yield _design(engine, trials)
    yield _feeding(engine, fed_runs)


def _fill(ours: str, theirs: str, trials: int, steps: int) -> None:
    """Make up a study of ours, and copy its search to Optuna's."""
    _tell(f"filling ours: {trials:,} trials x {steps} measurements")
    fill_large_database(ours, trials, steps, metrics=(_METRIC,))
    _tell("filling Optuna's with the same numbers")
    with open_existing(ours) as database, database.read() as connection, opened(theirs) as storage:
        fill(storage, STUDY, recorded(connection, STUDY, _METRIC, trials))


def _short_questions(ours: str, theirs: str, trial: int) -> Iterator[Line]:
    """Questions that a page asks of the whole study, or about `trial`."""
    _tell("short questions, and Optuna's summary, which may take a minute")
    with opened(theirs) as storage:
        their_curve = _asked_again(lambda: curve(storage, STUDY, trial))
        their_best = _asked_again(lambda: best_trial(storage, STUDY))
    their_summary = 1000 * ask_new_process("optuna-summary", theirs)["wall"]

    def page(connection: Connection) -> list[Any]:
        shown = _rows(connection, "v1_trials", _ON_PAGE, trial)
        return [shown, _rows(connection, "v1_trial_parameters", _ON_PAGE, trial)]

    yield _short(ours, "page of 100 trials, hyperparameters and search values", page, 10)
    yield _short(
        ours,
        "summary of the study, as `status` shows it",
        lambda c: [summarize(c, require_group(c, _GROUP))],
        50,
        their_summary,
    )
    yield _short(ours, "one curve", lambda c: _rows(c, "v1_curves", _OF_RUN, trial), 5, their_curve)
    yield _short(ours, "best trial", lambda c: _rows(c, "v1_trials", _BEST), None, their_best)


def _short(
    address: str,
    question: str,
    ask: Callable[[Connection], Sequence[Any]],
    limit: float | None,
    optuna: float | None = None,
) -> Line:
    """Ask a few new connections, each for the first time and then again: medians."""
    first, again = [], []
    for _ in range(_COLD):
        with open_existing(address) as database, database.read() as connection:
            first.append(timed(lambda: ask(connection)))
            again += [timed(lambda: ask(connection)) for _ in range(_WARM)]
            assert all(ask(connection))  # there is something to see
    return Line(
        question,
        "ms",
        wall=1000 * statistics.median(wall for wall, _ in again),
        first=1000 * statistics.median(wall for wall, _ in first),
        cpu=1000 * statistics.median(cpu for _, cpu in again),
        optuna=optuna,
        limit=limit,
    )


def _asked_again(ask: Callable[[], object]) -> float:
    """Milliseconds of a question that was asked before."""
    ask()
    return 1000 * statistics.median(timed(ask)[0] for _ in range(_WARM))


def _rows(connection: Connection, view: str, more: str, trial: int = 0) -> Sequence[Any]:
    """Rows of a view that are of the study, and so on."""
    query = text(f"select * from {view} where study = :study {more}")  # noqa: S608
    values = {"study": STUDY, "metric": _METRIC, "first": trial, "end": trial + _PAGE_TRIALS}
    return connection.execute(query, values).all()


def _all_trials(ours: str, theirs: str, trials: int) -> Iterator[Line]:
    """All trials at once, in a process that was not asked before."""
    _tell("all trials; Optuna may take a minute")
    us, them = ask_new_process("trials", ours), ask_new_process("optuna-trials", theirs)
    assert us["rows"] == them["rows"] == trials
    yield Line("all trials as a DataFrame", "s", us["wall"], cpu=us["cpu"], optuna=them["wall"])
    yield Line(
        "Optuna's `get_trials()` against it",
        "times",
        them["wall"] / us["wall"],
        cpu=them["cpu"] / us["cpu"],
        limit=50,
        at_least=True,
    )
    yield Line("the same and all imports", "s", us["total"], optuna=them["total"])
    yield Line("peak memory of that process", "MB", us["peak"], optuna=them["peak"], limit=200)


def _medians(engine: Engine, trials: int, steps: int) -> Line:
    _tell(f"medians: five more runs of each of {trials:,} trials")
    address = engine.make("medians")
    fill_large_database(address, trials, min(steps, 10), metrics=(_METRIC,), all_finalists=True)
    engine.settle(address)

    def ask(connection: Connection) -> Sequence[Any]:
        rows = _rows(connection, "v1_seed_medians", _FINALISTS)
        assert len(rows) == trials
        return rows

    return _short(address, "medians over 5 seeds of all trials", ask, 150)


def _design(engine: Engine, trials: int) -> Line:
    """A parsed file becomes a group: drawing, configurations, rows, commit."""
    _tell("creating a design")
    file = large_file(trials)

    def create(number: int) -> None:
        with database.write() as connection:
            submit(connection, file, f"design-{number}")

    with create_or_open(engine.make("designs")) as database:
        made = [timed(partial(create, number)) for number in range(_DESIGNS)]
    some = points(file, file.arms[0], 0)[:_ENQUEUED]
    with opened(engine.make("optuna_designs")) as storage:
        enqueued = timed(lambda: enqueue(storage, some))[0] * trials / len(some)
    wall, cpu = (statistics.median(times) for times in zip(*made, strict=True))
    question = f"a design of {trials:,} points created"
    return Line(question, "s", wall, made[0][0], cpu, optuna=enqueued, limit=2)


def _feeding(engine: Engine, runs: int) -> Line:
    _tell(f"recording what {WORKERS} runs at once measure")
    fed = feed(engine.make("fed"), runs)
    with opened(engine.make("optuna_fed")) as storage:
        reported = WORKERS * _REPORTS / report(storage, WORKERS, _REPORTS)
    question = f"measurements of {WORKERS} runs recorded"
    rate = fed.measurements / fed.wall
    return Line(question, "/s", rate, optuna=reported, limit=5000, at_least=True)


def _tell(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def main() -> None:
    """Print a table per engine."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"], help="only this one")
    parser.add_argument(
        "--postgresql", metavar="URL", help="of a server, instead of one of its own"
    )
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--write-docs", action="store_true", help=f"the tables go into {PAGE.name}")
    options = parser.parse_args()
    tables, met = [], True
    for name in [options.engine] if options.engine else ["sqlite", "postgresql"]:
        with opened_engine(name, options.postgresql) as engine:
            measured = list(lines(engine, options.trials, options.steps))
        tables.append(table(engine.name, measured, by_cpu=engine.by_cpu))
        print(tables[-1], flush=True)
        met &= all(line.met(engine.by_cpu) for line in measured)
    if options.write_docs:
        PAGE.write_text(_BLOCK.sub(lambda _: "\n".join(tables), PAGE.read_text()))
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
