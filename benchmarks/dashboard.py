"""The dashboard on a large study, beside its limits and optuna-dashboard on the same trials.

Usage: python -m benchmarks.dashboard [--trials 10000] [--steps 100] [--keep FOLDER]
  [--without-peer]

The peer is `pip install optuna-dashboard==0.21.*`.

Wall time is what a user waits, processor time what the answer costs on a machine that does other
things too. Requests follow each other; under load they are sent at a steady rate, and their time
counts from when they were due. Exit code 1 if a figure is over its limit.
"""

import argparse
import contextlib
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks.dashboard_measuring import Server, drawn_in, started, under_load
from benchmarks.large_database import STUDY, large_file, make_large_database
from shampoo_tune.storage import queries
from shampoo_tune.storage.attempts import finish_attempt, start_attempt
from shampoo_tune.storage.database import Database, create_or_open, open_existing
from shampoo_tune.storage.measurements import add_measurements
from shampoo_tune.study import AttemptState, Measurement, RunState
from shampoo_tune.tuner.submission import submit

_PAGE, _API = f"/studies/{STUDY}", f"/api/v1/studies/{STUDY}"
_CLIENTS, _RATE, _LOADED_SECONDS, _REPEATS = 8, 50.0, 20.0, 9
_WRITTEN_A_SECOND = 10  # runs, with all their measurements


class Figures:
    """The lines of the table, and whether any is over its limit."""

    def __init__(self) -> None:
        self.over = False
        print(f"{'':46} {'ours':>9} {'limit':>7} {'optuna-dashboard':>17}")

    def tell(
        self, name: str, ours: float, limit: float | None = None, peer: float | None = None
    ) -> None:
        """Print one line."""
        self.over |= limit is not None and ours > limit
        shown = "" if limit is None else f"{limit:g}"
        beside = "" if peer is None else f"{peer:.4g}"
        print(f"{name:46} {ours:9.4g} {shown:>7} {beside:>17}", flush=True)


def measure(folder: Path, *, with_peer: bool) -> bool:
    """Print the table; returns whether a figure is over its limit."""
    figures = Figures()
    peer = _peer(folder) if with_peer else {}
    command = [sys.executable, "-m", "shampoo_tune", "dashboard", "--port", "{port}",
               "--db", f"sqlite:///{folder / 'large.db'}"]  # fmt: skip
    with started(command, "/") as (server, start):
        figures.tell("first 200 after process start, s", start.wall, 1.0, peer.get("start"))
        figures.tell("  processor s", start.processor, None, peer.get("start processor"))
        time.sleep(5.0)  # libraries are imported by then
        cold = server.get(_PAGE)
        figures.tell("study page first asked for, s", cold.wall, None, peer.get("study"))
        figures.tell("  processor s", cold.processor, None, peer.get("study processor"))
        figures.tell("  kB on the wire", cold.size / 1e3, 500, peer.get("study kB"))
        warm = server.median(_PAGE, _REPEATS)
        figures.tell("study page again, ms", 1e3 * warm.wall, 200, peer.get("study again"))
        trials = server.median(f"{_API}/trials?limit=100&offset=5000", _REPEATS)
        figures.tell("API, 100 trials, ms", 1e3 * trials.wall, 20)
        figures.tell("  processor ms", 1e3 * trials.processor)
        url = f"http://127.0.0.1:{server.port}{_PAGE}"
        figures.tell(
            "drawn in Chromium, s", drawn_in(url, "#history .line"), 1.5, peer.get("drawn")
        )
        _load(figures, server, folder)
        figures.tell("resident memory, MB", server.megabytes(), 150, peer.get("memory"))
    return figures.over


def _add_newer_group(path: Path) -> None:
    """The newest group's page is made before anybody asks: the large one shall not be it."""
    with create_or_open(f"sqlite:///{path}") as database, database.write() as connection:
        submit(connection, large_file(4, 5), "newer")


def _load(figures: Figures, server: Server, folder: Path) -> None:
    paths = ["/", _PAGE, f"{_API}/trials?limit=100", f"{_PAGE}/trials/7", f"{_API}/views/seeds"]
    with _writing(folder / "large.db") as written:
        waited = under_load(server, paths, clients=_CLIENTS, rate=_RATE, seconds=_LOADED_SECONDS)
    for share, limit in ((50, None), (99, 250.0)):
        took = float(np.percentile(waited, share)) * 1e3
        figures.tell(f"50 requests/s while runs are written, p{share}, ms", took, limit)
    figures.tell("  runs written meanwhile", len(written))


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[list[int]]:
    """What a controller writes, in a thread: runs of another group with all their measurements."""
    stop, written = threading.Event(), list[int]()
    with create_or_open(f"sqlite:///{path}") as database:
        thread = threading.Thread(target=_write, args=(database, stop, written))
        thread.start()
        yield written
        stop.set()
        thread.join()


def _write(database: Database, stop: threading.Event, written: list[int]) -> None:
    file = large_file(400, 100)
    with database.write() as connection:
        group = submit(connection, file, f"written-{time.time_ns()}")
    with database.read() as connection:
        runs = queries.next_runs(connection, group.id, 400)
    for run in runs:
        if stop.wait(1 / _WRITTEN_A_SECOND):
            return
        with database.write() as connection:
            attempt = start_attempt(connection, run.run_id, {"host": "here"})
        measured = [
            (attempt, Measurement(step, {"valid_accuracy": 0.9, "valid_loss": 0.3}))
            for step in range(1, run.steps + 1)
        ]
        with database.write() as connection:
            add_measurements(connection, measured)
            finish_attempt(
                connection, attempt, state=AttemptState.COMPLETED, run_state=RunState.COMPLETED
            )
        written.append(run.run_id)


def _peer(folder: Path) -> dict[str, float]:
    """The same of optuna-dashboard: its page is one answer with all trials, drawn by script."""
    from benchmarks.dashboard_peer import copy_to_optuna

    path = folder / "optuna.db"
    if not path.exists():
        with open_existing(f"sqlite:///{folder / 'large.db'}") as reader, reader.read() as read:
            copy_to_optuna(read, STUDY, path)
    program = str(Path(sys.executable).with_name("optuna-dashboard"))
    command = [program, "--port", "{port}", f"sqlite:///{path}"]
    with started(command, "/dashboard") as (server, start):
        first = server.get("/api/studies/1")
        again = server.get("/api/studies/1")
        url = f"http://127.0.0.1:{server.port}/dashboard/studies/1"
        drawn = drawn_in(url, ".js-plotly-plot .trace, .js-plotly-plot canvas")
        return {
            "start": start.wall,
            "start processor": start.processor,
            "study": first.wall,
            "study processor": first.processor,
            "study kB": first.size / 1e3,
            "study again": 1e3 * again.wall,
            "drawn": drawn,
            "memory": server.megabytes(),
        }


def main() -> None:
    """Build the databases, unless they are there, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="where databases are kept, or are already")
    parser.add_argument("--without-peer", action="store_true", help="measure only ours")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        folder.mkdir(exist_ok=True)
        if not (folder / "large.db").exists():
            make_large_database(folder / "large.db", options.trials, options.steps)
            _add_newer_group(folder / "large.db")
        over = measure(folder, with_peer=not options.without_peer)
    sys.exit(int(over))


if __name__ == "__main__":
    main()
