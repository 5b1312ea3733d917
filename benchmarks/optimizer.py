"""Shampoo's cost beside its floors and the published optimizer's, all in one run on one core.

Usage: python -m benchmarks.optimizer [--write-docs]

Every figure is CPU seconds of a process of its own with one thread; of a whole network, the median
of three processes that take turns with the others. The column "published" is
google-research/precondition at commit 239a8cd, measured on another machine (Xeon with AVX-512, one
core, JAX 0.10.2): compare ratios to the floors, not seconds. With --write-docs the tables replace
the block between the markers in docs/shampoo_cost.md.
"""

import argparse
import json
import re
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from shampoo_tune.tuner.thread_settings import worker_environment

DOCS = Path(__file__).parent.parent / "docs" / "shampoo_cost.md"
ROUNDS = 3
BLOCK = re.compile(r"(?<=<!-- benchmark -->\n).*?(?=<!-- /benchmark -->)", re.DOTALL)


def measure(module: str, *arguments: str) -> Any:
    """What a benchmark's own process prints; it compiles everything itself."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *arguments]
    environment = {**worker_environment(), "JAX_ENABLE_COMPILATION_CACHE": "false"}
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(result.stdout)


def table(title: str, header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table under its title."""
    lines = [f"**{title}**", "", "| " + " | ".join(header) + " |", "|---" * len(header) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows), ""])


def measure_in_turns(cases: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Of each network and optimizer, every figure's median over the rounds."""
    rounds = [[measure("optimizer_step", *case) for case in cases] for _ in range(ROUNDS)]
    return [
        {name: statistics.median_low(one[name] for one in own) for name in own[0]}
        for own in zip(*rounds, strict=True)
    ]


def network_table() -> str:
    """Trace and lower, compile, step and memory, each beside what it is compared with."""
    ours, lars, floor, small, small_floor = measure_in_turns(
        [
            ("resnet50", "shampoo"),
            ("resnet50", "lars"),
            ("resnet50", "floor"),
            ("resnet20", "shampoo"),
            ("resnet20", "floor"),
        ]
    )
    roots = f"roots of {sum(number for number, _ in floor['sizes']):,} matrices in it"
    cases = [
        ("ResNet-50 shapes: trace and lower", 14.5, ours["lower"], lars["lower"], "optax.lars"),
        ("same: compile", 167, ours["compile"], lars["compile"], "optax.lars"),
        (f"same: step, {roots}", 17.05, ours["step"], floor["eigh"], "LAPACK eigh of them"),
        ("ResNet-20 shapes: step", 0.080, small["step"], small_floor["eigh"], "LAPACK eigh"),
    ]
    rows = [
        [case, f"{published:g} s", f"{own:.3g} s", f"{peer:.3g} s ({name})", f"{own / peer:.2f}"]
        for case, published, own, peer, name in cases
    ]
    memory, peer = ours["memory_gib"], lars["memory_gib"]
    row = ["ResNet-50 shapes: peak memory", "7.95 GiB", f"{memory:.2f} GiB"]
    rows.append([*row, f"{peer:.2f} GiB (optax.lars)", f"{memory / peer:.2f}"])
    header = ["case, block size 128", "published", "here", "peer or floor, same run", "ratio"]
    return table("The optimizer's own cost, CPU time on one core", header, rows)


def root_tables() -> str:
    """Time and error of one root."""
    found = measure("roots")
    times = found["milliseconds"]
    floor = times["LAPACK eigh"]
    speed = 2 * 128**3 / times["product"] / 1e6
    rows = [
        [name, f"{value:.3f} ms", f"{value / floor:.2f}", f"{value / times['product']:.1f}"]
        for name, value in times.items()
    ]
    header = ["one 128 x 128 matrix, p = 4", "CPU time", "ratio to eigh", "ratio to a product"]
    title = f"One root of a batch of 64 (a batched product runs at {speed:.0f} GFLOP/s)"
    columns = list(next(iter(found["errors"].values())))
    errors = [
        [name, *(f"{values[column]:.1e}" for column in columns)]
        for name, values in found["errors"].items()
    ]
    outcomes = [[name, *by.values()] for name, by in found["outcomes"].items()]
    return "\n".join(
        [
            table(title, header, rows),
            table(
                "Relative Frobenius error of the root, worst of 64 matrices, epsilon 1e-6",
                ["matrices", *columns],
                errors,
            ),
            table("Matrices without a usable direction", ["matrices", "eigh", "newton"], outcomes),
        ]
    )


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write-docs", action="store_true")
    options = parser.parse_args()
    text = network_table() + "\n" + root_tables()
    print(text)
    if options.write_docs:
        DOCS.write_text(BLOCK.sub(lambda _: text, DOCS.read_text()))


if __name__ == "__main__":
    main()
