"""What a report of a large study takes, and how large its file is, beside the limits.

Usage: python -m benchmarks.report [--trials 10000] [--steps 20] [--keep PATH]

Processor time, because that is what the report costs on a machine that does other things too; wall
time beside it. Exit code 1 if a report is over its limit.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection

from benchmarks.large_database import make_large_database
from shampoo_tune.storage.database import open_existing
from shampoo_tune.tuner.report.document import Document, make_document
from shampoo_tune.tuner.report.markdown import render_markdown
from shampoo_tune.tuner.report.page import render_page
from shampoo_tune.tuner.verifying.evidence import make_evidence

_SECONDS, _MEGABYTES = 12.0, 12.0  # over half of both is the evidence, of a million measurements
_GROUP = "large"


def measure(
    connection: Connection, render: Callable[[Connection, Document], str]
) -> tuple[float, float, float]:
    """Processor seconds, wall seconds and megabytes of one report."""
    processor, wall = time.process_time(), time.perf_counter()
    size = len(render(connection, make_document(connection, _GROUP)).encode()) / 1e6
    return time.process_time() - processor, time.perf_counter() - wall, size


def _html(connection: Connection, document: Document) -> str:
    return render_page(document, make_evidence(connection, _GROUP))


def _markdown(connection: Connection, document: Document) -> str:
    del connection
    return render_markdown(document)


def report(path: Path) -> int:
    """Print a row per format; returns 1 if any is over a limit, else 0."""
    over = 0
    print(f"{'format':10} {'processor s':>11} {'wall s':>7} {'MB':>6}")
    print(f"{'limit':10} {_SECONDS:11.1f} {'':7} {_MEGABYTES:6.1f}")
    with open_existing(f"sqlite:///{path}") as database, database.read() as connection:
        for name, render in (("html", _html), ("md", _markdown)):
            processor, wall, size = measure(connection, render)
            over |= processor > _SECONDS or size > _MEGABYTES
            print(f"{name:10} {processor:11.2f} {wall:7.2f} {size:6.2f}")
    return int(over)


def main() -> None:
    """Build the database, unless it is there, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--keep", type=Path, help="where the database is kept, or is already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = options.keep or Path(folder) / "large.db"
        if not path.exists():
            make_large_database(path, options.trials, options.steps)
        sys.exit(report(path))


if __name__ == "__main__":
    main()
