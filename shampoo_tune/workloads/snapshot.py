"""A run between two steps, as a checkpoint holds it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shampoo_tune.study import Measurement

PyTree = Any


class InterruptedRunError(Exception):
    """The run was asked to stop and has saved what it could; another attempt goes on."""


@dataclass(frozen=True)
class Snapshot:
    """What a run needs to go on after `step`.

    Attributes:
        step: steps taken.
        progress: what a step reads and writes.
        measurements: what was measured up to there.
        seconds: wall time of the run so far.
        evaluation_seconds: the part of it spent in evaluations.
    """

    step: int
    progress: PyTree
    measurements: Sequence[Measurement]
    seconds: float
    evaluation_seconds: float
