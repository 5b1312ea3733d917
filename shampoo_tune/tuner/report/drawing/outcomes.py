"""Trials drawn by their search values: a point each, a red cross where infeasible."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.report.drawing.marks import MANY, crosses, dots
from shampoo_tune.tuner.study_data import Array

Chosen = NDArray[np.bool_]


def outcomes(
    across: Array,
    up: Array,
    values: Array,
    trials: NDArray[np.int64],
    tips: Sequence[str],
    chosen: Chosen | None = None,
) -> list[str]:
    """Points and crosses at the same places; all arrays have one entry a trial.

    Args:
        across: horizontal pixels.
        up: vertical pixels.
        values: infinite if infeasible.
        trials: their numbers.
        tips: texts under the pointer, or none at all.
        chosen: trials to draw; None for all.
    """
    drawn = np.ones(len(values), bool) if chosen is None else chosen
    feasible, infeasible = drawn & np.isfinite(values), drawn & np.isinf(values)
    return [
        *dots(
            across[feasible],
            up[feasible],
            "dot",
            of(tips, feasible),
            trials=trials[feasible],
        ),
        *crosses(
            across[infeasible],
            up[infeasible],
            of(tips, infeasible),
            trials[infeasible],
        ),
    ]


def trial_tips(
    trials: Iterable[int], values: Array, resolution: float | None, reasons: Mapping[int, str]
) -> list[str]:
    """What each trial came to; nothing above `MANY`, where no trial has a mark of its own."""
    if len(values) > MANY:
        return []
    return [
        f"trial {trial}: {reasons.get(trial) or show_value(value, resolution)}"
        for trial, value in zip(trials, values.tolist(), strict=True)
    ]


def of(tips: Sequence[str], chosen: Chosen) -> list[str]:
    """The texts of the chosen trials."""
    return [tips[place] for place in np.flatnonzero(chosen).tolist()] if tips else []
