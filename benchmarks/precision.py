"""Which precision Shampoo's matrix products need on a TPU, judged on real trainings.

Usage: python -m benchmarks.precision [--steps N]

A TPU makes a float32 product of 1, 3 or 6 bfloat16 products (`jax.lax.Precision` DEFAULT, HIGH,
HIGHEST). Two trainings are recorded for each matrix_epsilon and replayed in float64, with the
products of one use replaced (bfloat16_products.py, emulated_shampoo.py). Errors are relative to the
replay with nothing replaced: of each statistics matrix, root, preconditioned gradient and grafted
update (there: of one length, so it is the angle between the two), median and worst over the
matrices or tensors at three steps. A failed root is counted, and left out of the errors.

Two rules choose, for each use, the cheapest kind of product that fails no more roots than plain
float32 does and, in every training, leaves the worst update within

    float32    1e-3, or 10 times its error with plain float32 products in that use
    gradient   the above, or 2 times its error if nothing but the gradient is rounded to bfloat16,
               as a network does that multiplies with one product

and both are then judged, like the source's choice, with all three uses replaced at once.
"""

import argparse
import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from benchmarks.bfloat16_products import PRECISIONS, round_to_bfloat16
from benchmarks.emulated_shampoo import Outcome, Products, norms, replay
from benchmarks.gradient_record import Record, Recorder

TRAININGS = (("resnet_digits", 1.0), ("mlp_digits", 0.1))  # learning rates
EPSILONS = (1e-6, 1e-4, 1e-2)
KINDS = (*PRECISIONS, "float32")
RULES = ("float32", "gradient")

PLAIN = "all float32"
ROUNDED = "gradient rounded"
SOURCE = Products("bf16x1", "bf16x6", "bf16x1")  # google-research/precondition on a TPU
SINGLE = {f"{use} {kind}": Products(**{use: kind}) for use in Products._fields for kind in KINDS}


class Row(NamedTuple):
    """Median and worst relative error of each part of an outcome, and the failed roots."""

    errors: list[tuple[float, float]]
    failed: int

    def worst_update(self) -> float:
        """The worst error of a grafted update."""
        return self.errors[-1][1]


Table = dict[str, Row]


def trainings(steps: int) -> Iterator[tuple[str, float, Record]]:
    """A title, the epsilon and the gradients of each training."""
    for workload, learning_rate in TRAININGS:
        recorder = Recorder(workload, learning_rate)
        for epsilon in EPSILONS:
            record = recorder.record(epsilon, steps)
            losses = f"loss {record.losses[0]:.2f} to {record.losses[-1]:.1e}"
            title = f"{workload}, matrix_epsilon {epsilon:g}, {steps} steps, {losses}"
            yield title, epsilon, record


def compare(outcomes: Iterable[Outcome], exact: list[Outcome]) -> Row:
    """The errors of a replay."""
    parts: list[list[np.ndarray]] = [[], [], [], []]
    failed = 0
    for outcome, reference in zip(outcomes, exact, strict=True):
        for part, got, expected in zip(parts, outcome[:4], reference[:4], strict=True):
            part += [_errors(a, b) for a, b in zip(got, expected, strict=True)]
        failed += outcome.failed
    return Row([_median_and_worst(np.concatenate(part)) for part in parts], failed)


def measure(record: Record, epsilon: float, table: dict[str, Products]) -> Table:
    """A row for each choice of products, and one for rounded gradients."""
    exact = list(replay(record, epsilon, Products()))
    rows = {
        name: compare(replay(record, epsilon, products), exact) for name, products in table.items()
    }
    return rows | {ROUNDED: compare(replay(_rounded(record), epsilon, Products()), exact)}


def choose(tables: list[Table], rule: str) -> Products:
    """The cheapest products that a rule accepts in every training, for each use alone."""
    return Products(*(_cheapest(tables, rule, use) for use in Products._fields))


def _cheapest(tables: list[Table], rule: str, use: str) -> str:
    for kind in PRECISIONS:
        if all(accepts(rule, t[f"{use} {kind}"], t[f"{use} float32"], t[ROUNDED]) for t in tables):
            return kind
    return "float32"


def accepts(rule: str, row: Row, plain: Row, rounded: Row) -> bool:
    """Whether a rule accepts a row, given those of float32 products and of rounded gradients."""
    limit = max(1e-3, 10 * plain.worst_update())
    if rule == "gradient":
        limit = max(limit, 2 * rounded.worst_update())
    return row.failed <= plain.failed and row.worst_update() <= limit


def _errors(got: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Of each of a stack; NaN where a root failed or nothing is expected."""
    size = norms(expected)
    return np.where(size > 0, norms(got - expected) / np.where(size > 0, size, 1), np.nan)


def _median_and_worst(errors: np.ndarray) -> tuple[float, float]:
    known = errors[~np.isnan(errors)]
    return (float(np.median(known)), float(known.max())) if known.size else (np.nan, np.nan)


def _rounded(record: Record) -> Record:
    rounded = [
        [np.asarray(round_to_bfloat16(jnp.asarray(s))) for s in step] for step in record.gradients
    ]
    return Record(record.axes, rounded, record.losses)


def print_table(title: str, rows: Table) -> None:
    """One line for each row."""
    parts = ("statistics", "roots", "direction", "update")
    print(f"\n{title}")
    print(" " * 20 + "".join(f"{part:>18}" for part in parts) + f"{'failed':>8}")
    print(" " * 20 + f"{'median':>10}{'worst':>8}" * len(parts) + f"{'roots':>8}")
    for name, row in rows.items():
        cells = "".join(f"{_shown(a):>10}{_shown(b):>8}" for a, b in row.errors)
        print(f"{name:20}{cells}{row.failed:>8}")


def _shown(error: float) -> str:
    return f"{error:.1e}" if error else "-"


def print_choice(name: str, products: Products, tables: list[Table]) -> None:
    """Whose choice, what it is, and what the rules say of all its products at once."""
    verdicts = []
    for rule in RULES:
        good = sum(accepts(rule, t[name], t[PLAIN], t[ROUNDED]) for t in tables)
        verdicts.append(f"rule {rule} accepts {good} of {len(tables)} trainings")
    print(f"{name}: {_listed(products)}\n    {'; '.join(verdicts)}")


def _listed(products: Products) -> str:
    return ", ".join(
        f"{use} {kind} ({PRECISIONS.get(kind, 'none')})" for use, kind in products._asdict().items()
    )


def main() -> None:
    """Print a table for each training, the choices, and a table of what they do."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=40)
    options = parser.parse_args()
    records = list(trainings(options.steps))
    tables = []
    for title, epsilon, record in records:
        tables.append(measure(record, epsilon, SINGLE))
        print_table(title, tables[-1])
    choices = {f"rule {rule}": choose(tables, rule) for rule in RULES} | {"source": SOURCE}
    print("\nAll three uses at once")
    plain = {PLAIN: Products(*["float32"] * 3)}
    joint = [measure(record, epsilon, choices | plain) for _, epsilon, record in records]
    for (title, _, _), table in zip(records, joint, strict=True):
        print_table(title, table)
    print()
    for name, products in choices.items():
        print_choice(name, products, joint)
    print("\nWhat the rules choose for one matrix_epsilon alone")
    for epsilon, rule in itertools.product(EPSILONS, RULES):
        own = [table for table, (_, e, _) in zip(tables, records, strict=True) if e == epsilon]
        print(f"{epsilon:g}, rule {rule}: {_listed(choose(own, rule))}")


if __name__ == "__main__":
    main()
