"""What our storage takes beside Optuna's on the same engine, and beside the limits.

Usage: python -m benchmarks.storage [--engine sqlite|postgresql] [--postgresql URL] [--write-docs]

Both hold the same 10,000 trials x 100 measurements of one metric, filled in bulk. Short questions
are asked by a few new connections, the first time and again: medians. Long ones are asked once, by
a new process each. PostgreSQL is the server at the address, where databases are made and dropped,
or one that runs as long as the benchmark. Exit code 1 if a limit is missed: on SQLite by CPU time,
because nothing else computes there, and on PostgreSQL by wall time.
"""

# Libraries are imported where they are used: a child process shall have only those that it needs.
import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection

PAGE = Path(__file__).parent.parent / "docs" / "storage_cost.md"
_BLOCK = re.compile(r"(?<=<!-- benchmark -->\n).*?(?=<!-- /benchmark -->)", re.DOTALL)
_GROUP, _STUDY, _METRIC = "large", "large/shampoo", "valid_accuracy"
_PAGE_TRIALS = 100
_ON_PAGE = "and trial >= :first and trial < :end order by trial"
_OF_RUN = "and trial = :first and phase = 'search' and metric = :metric order by step"
_BEST = "and state = 'completed' order by search_value desc, trial limit 1"
_FINALISTS = "and phase = 'finalists' and metric = :metric"
_COLD, _WARM, _DESIGNS = 3, 5, 3
_ENQUEUED, _REPORTS = 500, 5  # points that Optuna enters, and measurements a run that it records


@dataclass(frozen=True)
class Line:
    """A figure of ours; those that do not exist are None.

    Attributes:
        wall: asked again, if the question was asked more than once.
        first: asked for the first time.
        cpu: of `wall`, what this process computed.
        optuna: the same of Optuna, asked again.
        at_least: whether more is better, and the limit a lower one.
    """

    question: str
    unit: str
    wall: float
    first: float | None = None
    cpu: float | None = None
    optuna: float | None = None
    limit: float | None = None
    at_least: bool = False

    def met(self, by_cpu: bool) -> bool:
        """Whether it is within its limit, if it has one."""
        judged = self.cpu if by_cpu and self.cpu is not None else self.wall
        if self.limit is None:
            return True
        return judged >= self.limit if self.at_least else judged <= self.limit

    def cells(self, by_cpu: bool) -> Iterator[str]:
        """The line as it is printed."""
        yield self.question
        for value in (self.first, self.wall, self.cpu, self.optuna):
            yield "" if value is None else f"{_rounded(value)} {self.unit}"
        if self.optuna is None:
            yield ""
        else:
            better, worse = (self.wall, self.optuna)[:: 1 if self.at_least else -1]
            yield _rounded(better / worse)
        yield "" if self.limit is None else f"{_rounded(self.limit)} {self.unit}"
        yield "" if self.limit is None else ("met" if self.met(by_cpu) else "**MISSED**")


def _rounded(value: float) -> str:
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f}"


class Engine(Protocol):
    """Where databases are made."""

    name: str
    by_cpu: bool  # whether CPU time of this process is all that a question takes

    def make(self, name: str) -> str:
        """The address of a new and empty database."""

    def settle(self, address: str) -> float:
        """Do what the engine does by itself some time after many rows; returns megabytes."""


class SqliteFolder:
    """Files of a folder."""

    name, by_cpu = "SQLite", True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, name: str) -> str:
        """The address of a file that does not exist."""
        return f"sqlite:///{self._folder / name}.db"

    def settle(self, address: str) -> float:
        """The megabytes of the file, and of its log if it was not closed."""
        path = Path(address.removeprefix("sqlite:///"))
        return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*")) / 1e6


class PostgresqlServer:
    """Databases of a server, which are dropped at the end."""

    name, by_cpu = "PostgreSQL", False

    def __init__(self, address: str) -> None:
        from sqlalchemy import make_url

        self._url = make_url(address).set(drivername="postgresql+psycopg")
        self._made: list[str] = []

    def make(self, name: str) -> str:
        """The address of a new database."""
        database = f"shampoo_tune_benchmark_{name}"
        _execute(self._url, f"create database {database}")
        self._made.append(database)
        return self._url.set(database=database).render_as_string(hide_password=False)

    def settle(self, address: str) -> float:
        """Vacuum and analyze, which the server itself does within minutes; the megabytes."""
        from sqlalchemy import make_url

        _execute(make_url(address), "vacuum analyze")
        size = "select pg_database_size(current_database())"
        return float(_execute(make_url(address), size)) / 1e6

    def close(self) -> None:
        """Drop the databases."""
        for database in self._made:
            _execute(self._url, f"drop database {database} with (force)")


def _execute(url: "URL", statement: str) -> Any:
    """Run a statement outside transactions; returns the one value of its result, if it has one."""
    from sqlalchemy import NullPool, create_engine

    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        result = connection.exec_driver_sql(statement)
        return result.scalar() if result.returns_rows else None


@contextmanager
def opened_engine(name: str, address: str | None) -> Iterator[Engine]:
    """An engine by its name on the command line, and its server's address, if it has one."""
    from benchmarks.postgresql import local_server

    with ExitStack() as stack:
        if name == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            yield SqliteFolder(Path(folder))
            return
        server = PostgresqlServer(address or stack.enter_context(local_server()).address)
        stack.callback(server.close)
        yield server


def lines(engine: Engine, trials: int = 10_000, steps: int = 100) -> Iterator[Line]:
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
    yield _feeding(engine)


def _fill(ours: str, theirs: str, trials: int, steps: int) -> None:
    """Make up a study of ours, and copy its search to Optuna's."""
    from benchmarks.large_database import fill_large_database
    from benchmarks.optuna_storage import fill, opened, recorded
    from shampoo_tune.storage.database import open_existing

    _tell(f"filling ours: {trials:,} trials x {steps} measurements")
    fill_large_database(ours, trials, steps, metrics=(_METRIC,))
    _tell("filling Optuna's with the same numbers")
    with open_existing(ours) as database, database.read() as connection, opened(theirs) as storage:
        fill(storage, _STUDY, recorded(connection, _STUDY, _METRIC, trials))


def _short_questions(ours: str, theirs: str, trial: int) -> Iterator[Line]:
    """Questions that a page asks of the whole study, or about `trial`."""
    from benchmarks.optuna_storage import best_trial, curve, opened
    from shampoo_tune.storage.queries import require_group
    from shampoo_tune.tuner.summary import summarize

    _tell("short questions, and Optuna's summary, which may take a minute")
    with opened(theirs) as storage:
        their_curve = _asked_again(lambda: curve(storage, _STUDY, trial))
        their_best = _asked_again(lambda: best_trial(storage, _STUDY))
    their_summary = 1000 * _in_child("optuna-summary", theirs)["wall"]

    def page(connection: "Connection") -> list[Any]:
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
    ask: Callable[["Connection"], Sequence[Any]],
    limit: float | None,
    optuna: float | None = None,
) -> Line:
    """Ask a few new connections, each for the first time and then again: medians."""
    from shampoo_tune.storage.database import open_existing

    first, again = [], []
    for _ in range(_COLD):
        with open_existing(address) as database, database.read() as connection:
            first.append(_timed(lambda: ask(connection)))
            again += [_timed(lambda: ask(connection)) for _ in range(_WARM)]
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
    return 1000 * statistics.median(_timed(ask)[0] for _ in range(_WARM))


def _rows(connection: "Connection", view: str, more: str, trial: int = 0) -> Sequence[Any]:
    """Rows of a view that are of the study, and so on."""
    from sqlalchemy import text

    query = text(f"select * from {view} where study = :study {more}")  # noqa: S608
    values = {"study": _STUDY, "metric": _METRIC, "first": trial, "end": trial + _PAGE_TRIALS}
    return connection.execute(query, values).all()


def _all_trials(ours: str, theirs: str, trials: int) -> Iterator[Line]:
    """All trials at once, in a process that was not asked before."""
    _tell("all trials; Optuna may take a minute")
    us, them = _in_child("trials", ours), _in_child("optuna-trials", theirs)
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
    from benchmarks.large_database import fill_large_database

    _tell(f"medians: five more runs of each of {trials:,} trials")
    address = engine.make("medians")
    fill_large_database(address, trials, min(steps, 10), metrics=(_METRIC,), all_finalists=True)
    engine.settle(address)

    def ask(connection: "Connection") -> Sequence[Any]:
        rows = _rows(connection, "v1_seed_medians", _FINALISTS)
        assert len(rows) == trials
        return rows

    return _short(address, "medians over 5 seeds of all trials", ask, 150)


def _design(engine: Engine, trials: int) -> Line:
    """A parsed file becomes a group: drawing, configurations, rows, commit."""
    from benchmarks.large_database import large_file
    from benchmarks.optuna_storage import enqueue, opened
    from shampoo_tune.storage.database import create_or_open
    from shampoo_tune.tuner.submission import points, submit

    _tell("creating a design")
    file = large_file(trials)

    def create(number: int) -> None:
        with database.write() as connection:
            submit(connection, file, f"design-{number}")

    with create_or_open(engine.make("designs")) as database:
        made = [_timed(partial(create, number)) for number in range(_DESIGNS)]
    some = points(file, file.arms[0], 0)[:_ENQUEUED]
    with opened(engine.make("optuna_designs")) as storage:
        enqueued = _timed(lambda: enqueue(storage, some))[0] * trials / len(some)
    wall, cpu = (statistics.median(times) for times in zip(*made, strict=True))
    question = f"a design of {trials:,} points created"
    return Line(question, "s", wall, made[0][0], cpu, optuna=enqueued, limit=2)


def _feeding(engine: Engine) -> Line:
    from benchmarks.optuna_storage import opened, report
    from benchmarks.storage_feeding import WORKERS, feed

    _tell(f"recording what {WORKERS} runs at once measure")
    fed = feed(engine.make("fed"))
    with opened(engine.make("optuna_fed")) as storage:
        reported = WORKERS * _REPORTS / report(storage, WORKERS, _REPORTS)
    question = f"measurements of {WORKERS} runs recorded"
    rate = fed.measurements / fed.wall
    return Line(question, "/s", rate, optuna=reported, limit=5000, at_least=True)


@contextmanager
def _frame(address: str) -> Iterator[Callable[[], int]]:
    import shampoo_tune.opening

    def ask() -> int:
        with shampoo_tune.opening.open(address) as results:
            return len(results.trials(_STUDY))

    yield ask


@contextmanager
def _optuna_trials(address: str) -> Iterator[Callable[[], int]]:
    from benchmarks.optuna_storage import first_trials, opened

    with opened(address) as storage:
        yield lambda: first_trials(storage, _STUDY)


@contextmanager
def _optuna_summary(address: str) -> Iterator[Callable[[], int]]:
    from benchmarks.optuna_storage import opened, summaries

    with opened(address) as storage:
        yield lambda: summaries(storage)


_CHILDREN: dict[str, Callable[[str], AbstractContextManager[Callable[[], int]]]] = {
    "trials": _frame,
    "optuna-trials": _optuna_trials,
    "optuna-summary": _optuna_summary,
}


def _in_child(name: str, address: str) -> dict[str, float]:
    """What a new process found, in seconds and megabytes; `total` has its imports too."""
    command = [sys.executable, "-m", "benchmarks.storage", "--child", name]
    # Not as an argument, which others could read: it may have a password.
    result = subprocess.run(command, input=address, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, float] = json.loads(result.stdout)
    return found


def _be_child(name: str, address: str) -> dict[str, float]:
    started, rows = time.perf_counter(), []
    with _CHILDREN[name](address) as ask:
        wall, cpu = _timed(lambda: rows.append(ask()))
    total = time.perf_counter() - started
    return {"wall": wall, "cpu": cpu, "total": total, "rows": rows[0], "peak": _peak_megabytes()}


def _peak_megabytes() -> float:
    """Of this program: `ru_maxrss` would begin with the memory of the process that started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024 / 1e6


def _timed(ask: Callable[[], object]) -> tuple[float, float]:
    """Seconds on the wall and of this process."""
    wall, computed = time.perf_counter(), time.process_time()
    ask()
    return time.perf_counter() - wall, time.process_time() - computed


def _tell(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def table(engine: Engine, measured: Sequence[Line]) -> str:
    """The figures of an engine as Markdown."""
    judged = "CPU" if engine.by_cpu else "again"
    head = (engine.name, "first", "again", "CPU", "Optuna", "ratio", "limit", f"by {judged}")
    rows = [head, ["---"] * len(head), *(line.cells(engine.by_cpu) for line in measured)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


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
    parser.add_argument("--child", choices=_CHILDREN, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(_be_child(options.child, sys.stdin.read())))
        return
    tables, met = [], True
    for name in [options.engine] if options.engine else ["sqlite", "postgresql"]:
        with opened_engine(name, options.postgresql) as engine:
            measured = list(lines(engine, options.trials, options.steps))
        tables.append(table(engine, measured))
        print(tables[-1], flush=True)
        met &= all(line.met(engine.by_cpu) for line in measured)
    if options.write_docs:
        PAGE.write_text(_BLOCK.sub(lambda _: "\n".join(tables), PAGE.read_text()))
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
