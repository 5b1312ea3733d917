"""Shampoo's step of ResNet-50 beside Nesterov's, both compiled for TPU slices that are not here.

Usage: python -m benchmarks.tpu [--topology v3:16x8 ...] [--batch-size 32768]

Nothing is run: seconds are XLA's estimate, and bounds at the chip's published rates. Shampoo has
the published options of 1,729 steps, with roots by the iteration that passes the golden cases. It
takes some minutes for each slice, and needs the extra `tpu`. Exit code 1 if a limit is missed, or
if the program's products have not the precision that Shampoo needs (docs/shampoo.md).
"""

import argparse
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from benchmarks.dispatching.conditions import tell
from benchmarks.dispatching.figures import Figure, table
from shampoo_tune.optimizer.baseline_config import NesterovConfig
from shampoo_tune.optimizer.config import Configuration, WarmupPolynomialConfig
from shampoo_tune.tuner.planning.arm_plan import Step, compiled_step
from shampoo_tune.tuner.planning.chips import GIB
from shampoo_tune.tuner.planning.planning import first_configuration
from shampoo_tune.tuner.study_file.loading import load_study_file
from shampoo_tune.tuner.submission import workload_arguments
from shampoo_tune.workloads import WORKLOADS

PRECISIONS = {"statistics": ["bf16x6"], "roots": ["bf16x6"], "application": ["bf16x3"]}
PUBLISHED = Path(__file__).parents[1] / "search_spaces" / "resnet50_published.yaml"


def figures(topology: str, batch_size: int) -> Iterator[Figure]:
    """Of both steps, and their ratios."""
    study = load_study_file(PUBLISHED, (f"workload.batch_size={batch_size}",), WORKLOADS).study
    compiled = partial(compiled_step, topology, workload_arguments(study))
    tell(f"Nesterov for {topology}, batch {batch_size}")
    first = compiled(_nesterov())
    tell(f"Shampoo for {topology}, batch {batch_size}")
    second = compiled(first_configuration(study, study.arms[0]))
    check_precisions(second)
    yield from _step(f"{topology}, Nesterov", first)
    yield from _step(f"{topology}, Shampoo", second)
    what = f"{topology}, Shampoo against Nesterov"
    for name, ratio in _ratios(first, second).items():
        yield Figure(f"{what}: {name}", "times", [ratio], limit=1.1)
    ratio = second.compile_seconds / first.compile_seconds
    yield Figure(f"{what}: compilation", "times", [ratio], limit=1.5)


def check_precisions(step: Step) -> None:
    """Exit if products of Shampoo's step are computed at another precision: a time of it is none.

    Raises:
        SystemExit: with what was found.
    """
    found = (step.program or {}).get("precisions", PRECISIONS)  # none of what does not fit
    if found != PRECISIONS:
        sys.exit(f"the program's products are {found}, but Shampoo needs {PRECISIONS}")


def _nesterov() -> dict[str, object]:
    return Configuration(
        optimizer="nesterov",
        options=NesterovConfig(momentum=0.929, weight_decay=1e-4),
        schedule=WarmupPolynomialConfig(learning_rate=12.8, steps=2512, warmup_steps=706),
    ).to_json()


def _step(name: str, step: Step) -> Iterator[Figure]:
    if step.bounds is None or step.program is None:
        raise RuntimeError(f"{name} does not fit")
    if step.program["xla_seconds"] is not None:
        yield Figure(f"{name}: XLA's estimate", "s", [step.program["xla_seconds"]])
    yield Figure(f"{name}: at least", "s", [step.bounds.lower])
    yield Figure(f"{name}: nothing at a time", "s", [step.bounds.upper])
    yield Figure(f"{name}: memory of a core", "GiB", [step.program["memory_used"] / GIB], limit=12)
    yield Figure(f"{name}: compilation", "s", [step.compile_seconds])


def _ratios(first: Step, second: Step) -> dict[str, float]:
    """By XLA, whose estimate counts loops once, and from the census, which counts their limit."""
    if not (first.bounds and first.program and second.bounds and second.program):
        raise AssertionError("both fit")
    ratios = {"census, nothing at a time": second.bounds.upper / first.bounds.upper}
    estimates = first.program["xla_seconds"], second.program["xla_seconds"]
    if all(estimates):
        ratios["XLA's estimate"] = estimates[1] / estimates[0]
    return ratios


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Shampoo's step beside Nesterov's, for TPUs.")
    parser.add_argument("--topology", action="append", help="v3:16x8 by default")
    parser.add_argument("--batch-size", type=int, default=32_768)
    options = parser.parse_args()
    topologies = options.topology or ["v3:16x8"]
    met = True
    for name in topologies:
        found = list(figures(name, options.batch_size))
        print(table(found), flush=True)
        met = met and all(figure.met for figure in found)
    sys.exit(0 if met else 1)


if __name__ == "__main__":
    main()
