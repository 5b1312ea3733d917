"""A view that is not shown, and why."""

from dataclasses import dataclass

from shampoo_tune.tuner.samplers import ADAPTIVE_SAMPLERS, WITHHELD
from shampoo_tune.tuner.study_data import StudyData

NO_VERDICT = "no trial has a verdict yet"
NO_FINAL = "no final run has a verdict yet"
NONE_FEASIBLE = "no trial is feasible so far"


@dataclass(frozen=True)
class Absent:
    """Stands where a view cannot or must not be shown."""

    study: str
    reason: str


def withheld(study: StudyData) -> Absent | None:
    """Why statistics that assume a fixed design are not for this study; None if they are."""
    return Absent(study.name, WITHHELD) if study.sampler in ADAPTIVE_SAMPLERS else None
