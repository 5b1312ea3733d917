"""What dispatch takes at 10,000 runs on 256 workers, none of which trains.

Usage: python -m benchmarks.simulated [--runs 10000] [--workers 256] [--seed 1]

First with workers whose time stands still while the controller works: the same figures every time
but for those of this machine. Then with runs ten times shorter, and the controller's time passes
for the workers too: what they wait for it. CPU time is the controller's and the database's, without
the simulation's. Exit code 1 if it is over its limit in the first.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.simulated.runs import Rates
from benchmarks.simulated.simulation import Figures, group_file, simulate
from benchmarks.simulated.virtual_workers import VirtualWorkers

_LIMIT_MS = 5.0  # of CPU time a run
_STEP_SECONDS, _SHORT_STEP_SECONDS = 0.2, 0.02
_SEED = 1
_HEAD = (
    "controller's time", "s a run", "makespan", "utilisation", "while runs wait", "CPU a run",
    "real time", "attempts", "lost", "failed", "launches",
)  # fmt: skip


def measure(runs: int, workers: int, seed: int) -> Iterator[tuple[str, float, Figures]]:
    """Both simulations: how the controller's time counts, seconds of a step, and figures."""
    file = group_file(runs)
    for name, step_seconds, clock in (
        ("none", _STEP_SECONDS, None),
        ("passes", _SHORT_STEP_SECONDS, time.perf_counter),
    ):
        virtual = VirtualWorkers(workers, Rates(step_seconds), seed, clock)
        with tempfile.TemporaryDirectory() as folder:
            address = f"sqlite:///{Path(folder) / 'simulated.db'}"
            yield name, file.budget.steps * step_seconds, simulate(address, file, virtual)


def line(name: str, run_seconds: float, figures: Figures) -> str:
    """A row of the table."""
    cells = (
        name,
        f"{run_seconds:g} s",
        f"{figures.makespan:,.0f} s",
        f"{figures.utilisation:.1%}",
        f"{figures.while_runs_wait:.2%}",
        f"{figures.milliseconds_per_run:.2f} ms",
        f"{figures.seconds:.0f} s",
        f"{figures.attempts:,}",
        f"{figures.lost:,}",
        f"{figures.failed:,}",
        f"{figures.launches}",
    )
    return _row(cells)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


def main() -> None:
    """Print the table, and whether the limit is met."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=256)
    parser.add_argument("--seed", type=int, default=_SEED, help="of accidents")
    options = parser.parse_args()
    print(f"{options.runs:,} runs on {options.workers} workers\n")
    print(_row(_HEAD), _row(("---",) * len(_HEAD)), sep="\n", flush=True)
    spent = []
    for name, run_seconds, figures in measure(options.runs, options.workers, options.seed):
        print(line(name, run_seconds, figures), flush=True)
        spent.append(figures.milliseconds_per_run)
    met = spent[0] <= _LIMIT_MS
    verdict = "met" if met else "**MISSED**"
    print(f"\nCPU a run: {spent[0]:.2f} ms, limit {_LIMIT_MS:g} ms: {verdict}")
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
