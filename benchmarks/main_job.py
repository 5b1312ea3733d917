"""The main job against its floor: runs x seconds of a bare step / cores, measured in one run.

Usage: python -m benchmarks.main_job [--write-readme]

The launch starts from nothing: no database, no compilation cache. The bare step is measured before
and after it, every core busy, and the mean is taken. With --write-readme, what the launch printed
replaces the block between the markers in README.md.
"""

import argparse
import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.bare_step import measure
from shampoo_tune.tuner.study_file.loading import load_study_file
from shampoo_tune.tuner.thread_settings import usable_cores
from shampoo_tune.workloads import WORKLOADS

ROOT = Path(__file__).parent.parent
STUDY_FILE = ROOT / "search_spaces" / "resnet.yaml"
BLOCK = re.compile(r"(?<=<!-- launch -->\n```\n).*?(?=```\n<!-- /launch -->)", re.DOTALL)


def launch() -> tuple[float, str, str]:
    """Wall seconds of a launch from nothing, what it printed, and where the cores' time went."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "JAX_COMPILATION_CACHE_DIR": f"{folder}/cache",
            "COLUMNS": "100",
        }
        started = time.perf_counter()
        result = subprocess.run(
            [sys.executable, "-m", "shampoo_tune", "launch", str(STUDY_FILE)],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        seconds = time.perf_counter() - started
        spent = account(Path(folder) / "shampoo-tune.db", seconds)
    progress = result.stderr.splitlines()
    shown = [*progress[:2], "...", *progress[-5:]]
    output = "\n".join(shown[:3]) + "\n" + result.stdout + "\n".join(shown[3:]) + "\n"
    return seconds, output, spent


def account(database: Path, wall: float) -> str:
    """A sentence of what the cores' seconds were spent on, from the attempts' own clocks."""
    connection = sqlite3.connect(database)
    sums = "select sum(seconds - compile_seconds), sum(evaluation_seconds) from attempts"
    runs, evaluations = connection.execute(sums).fetchone()
    steps = "select seconds - compile_seconds - evaluation_seconds from attempts"
    middle = statistics.median(row[0] for row in connection.execute(steps))
    connection.close()
    total = usable_cores() * wall
    return (
        f"{total:.0f} core-seconds: {100 * (runs - evaluations) / total:.1f} % steps, "
        f"{100 * evaluations / total:.1f} % evaluations, {100 * (total - runs) / total:.1f} % "
        f"start, compilation and waiting; median run without evaluations {middle:.2f} s"
    )


def main() -> None:
    """Print the launch's seconds, its floor and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write-readme", action="store_true")
    options = parser.parse_args()
    budget = load_study_file(STUDY_FILE, [], WORKLOADS).study.budget
    runs = budget.trials + budget.finalists * budget.finalist_seeds + budget.seeds
    before = measure(STUDY_FILE)
    seconds, output, spent = launch()
    after = measure(STUDY_FILE)
    bare, cores = (before + after) / 2, usable_cores()
    floor = runs * budget.steps * bare / cores
    print(output)
    print(f"bare step {1000 * before:.1f} ms before, {1000 * after:.1f} ms after, {cores} cores")
    print(
        f"floor {runs} runs x {budget.steps} steps x {1000 * bare:.1f} ms / {cores} = {floor:.0f} s"
    )
    print(f"launch {seconds:.0f} s = {seconds / floor:.3f} x the floor")
    print(spent)
    if options.write_readme:
        readme = ROOT / "README.md"
        readme.write_text(BLOCK.sub(lambda _: output, readme.read_text()))


if __name__ == "__main__":
    main()
