"""What dispatch costs, beside bare runs, beside scripts without us, and beside the limits.

Usage: python -m benchmarks.dispatch [--only PART ...] [--quick] [--rounds N] [--json]

Parts: `study`, the main job as a command against its bare runs; `peers`, tuning scripts of the same
runs; `controller`, what its process computes for a run; `workers`, two of them against one; `ray`,
what a run costs more there. What is compared takes turns: the table has medians of the rounds, and
--json their values too. Exit code 1 if a limit is missed.
"""

import argparse
import dataclasses
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.dispatching.conditions import QUICK, Conditions, Sizes
from benchmarks.dispatching.controller import controller
from benchmarks.dispatching.figures import Figure, table
from benchmarks.dispatching.peers import peers
from benchmarks.dispatching.ray_against_local import ray_against_local
from benchmarks.dispatching.two_workers import two_workers
from benchmarks.dispatching.whole_study import whole_study
from shampoo_tune.tuner.thread_settings import usable_cores

PARTS: dict[str, Callable[[Conditions], Iterator[Figure]]] = {
    "study": whole_study,
    "peers": peers,
    "controller": controller,
    "workers": two_workers,
    "ray": ray_against_local,
}


def measure(parts: list[str], sizes: Sizes, *, warm: bool) -> list[Figure]:
    """The figures of these parts, in the order of `PARTS`."""
    with tempfile.TemporaryDirectory() as folder:
        conditions = Conditions(sizes, Path(folder), warm)
        return [figure for name in PARTS if name in parts for figure in PARTS[name](conditions)]


def chosen_sizes(options: argparse.Namespace) -> Sizes:
    """The sizes of `--quick` or the usual ones, with those that options name."""
    given = {"study_runs": options.runs, "rounds": options.rounds}
    named = {name: value for name, value in given.items() if value is not None}
    return dataclasses.replace(QUICK if options.quick else Sizes(), **named)


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    made.add_argument("--only", action="append", choices=PARTS, help="may be repeated")
    made.add_argument("--quick", action="store_true", help="few and short runs: for a try only")
    made.add_argument("--runs", type=int, help="of the main job, instead of those of its file")
    made.add_argument("--rounds", type=int, help="how often what is compared takes turns")
    made.add_argument(
        "--cache",
        choices=["cold", "warm"],
        default="cold",
        help="whether `study` and `peers` find what was compiled before; by default they do not",
    )
    made.add_argument("--json", action="store_true", help="print a document instead of a table")
    return made


def main() -> None:
    """Print the table, or the document."""
    options = parser().parse_args()
    parts = options.only or list(PARTS)
    figures = measure(parts, chosen_sizes(options), warm=options.cache == "warm")
    if options.json:
        document = {"cores": usable_cores(), "figures": [figure.to_json() for figure in figures]}
        print(json.dumps(document, indent=2))
    else:
        print(table(figures), end="")
    sys.exit(0 if all(figure.met for figure in figures) else 1)


if __name__ == "__main__":
    main()
