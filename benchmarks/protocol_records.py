"""The pool's records as arrays; -inf is the value of an infeasible run, +inf its loss."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.protocol_rules import Studies
from benchmarks.protocol_selection import Candidates
from shampoo_tune.study import Budget
from shampoo_tune.tuner.statistics.medians import median

Array = NDArray[np.float64]
Record = dict[str, Any]
Values = Sequence[float | None]


def read_studies(records: Sequence[Record], budget: Budget) -> Studies:
    """Whole studies, one a row; without a feasible trial all of a study is infeasible."""
    no_rerun, no_final = [None] * budget.finalist_seeds, [None] * budget.seeds
    return Studies.of(
        search=_rows([r["search"] for r in records]),
        rerun=_rows([r["finalists"][0] if r["finalists"] else no_rerun for r in records]),
        final=_rows([r["final"] or no_final for r in records]),
    )


def read_candidates(records: Sequence[Record]) -> Candidates:
    """The candidates of several studies, one study a row."""
    return Candidates(
        values=np.array([_rows(r["values"]) for r in records]),
        losses=np.array([_rows(r["losses"], worst=math.inf) for r in records]),
        truth=np.array([[median(row) for row in _rows(r["truth"])] for r in records]),
    )


def read_winners(records: Sequence[Record]) -> Array:
    """Shape [winners, seeds]: the many runs that tell a winner's true median."""
    return _rows([r["truth"][0] for r in records])


def run_count(record: Record) -> int:
    """The runs that a record tells of."""
    if "search" in record:
        return len(record["search"]) + sum(map(len, record["finalists"])) + len(record["final"])
    return sum(map(len, record["values"])) + sum(map(len, record["truth"]))


def _rows(rows: Sequence[Values], worst: float = -math.inf) -> Array:
    return np.array([[worst if value is None else value for value in row] for row in rows])
