"""What one arm came to at one budget of a ladder.

Values keep their natural orientation; an infeasible median is the worst infinity. In JSON whatever
is not finite is null.
"""

import math
from dataclasses import dataclass
from typing import Any

from shampoo_tune.tuner.statistics.medians import Interval, median


@dataclass(frozen=True)
class StudyAtRung:
    """One study at one budget.

    Attributes:
        study: its name.
        seeds: final runs; 0 if no trial was feasible.
        reached: those of them at or past the target at their last step.
        median: over them.
        stopped: whether they were stopped at a look because so few reached the target.
        first_crossing: median over them of the first evaluated step at or past the target, within
            a run of this budget; inf if half of them never are.
    """

    study: str
    seeds: int
    reached: int
    median: float
    stopped: bool
    first_crossing: float


@dataclass(frozen=True)
class ArmAtRung:
    """One arm at one budget.

    Attributes:
        steps: of every run.
        group: the rung's group.
        median: over studies of their medians over seeds.
        interval: its 95 % interval; None with too few seeds or studies.
        fitted: the monotone function of the steps that is nearest to the medians of all rungs.
        studies: its replicates.
    """

    steps: int
    group: str
    median: float
    interval: Interval | None
    fitted: float
    studies: tuple[StudyAtRung, ...]

    @property
    def seeds(self) -> int:
        """Final runs of all studies."""
        return sum(study.seeds for study in self.studies)

    @property
    def reached(self) -> int:
        """Those of them at or past the target."""
        return sum(study.reached for study in self.studies)

    @property
    def stopped(self) -> bool:
        """Whether any study was stopped early."""
        return any(study.stopped for study in self.studies)

    @property
    def first_crossing(self) -> float:
        """Median over studies of theirs."""
        return median([study.first_crossing for study in self.studies])

    def to_json(self) -> dict[str, Any]:
        """The rung's part of the document."""
        return {
            "steps": self.steps,
            "group": self.group,
            "median": finite(self.median),
            "ci_low": finite(self.interval.low) if self.interval else None,
            "ci_high": finite(self.interval.high) if self.interval else None,
            "fitted": finite(self.fitted),
            "seeds": self.seeds,
            "reached": self.reached,
            "stopped": self.stopped,
            "first_crossing": finite(self.first_crossing),
            "studies": [
                {
                    "study": study.study,
                    "seeds": study.seeds,
                    "reached": study.reached,
                    "median": finite(study.median),
                    "stopped": study.stopped,
                }
                for study in self.studies
            ],
        }


def finite(value: float) -> float | None:
    """The value, or None if it is infinite."""
    return value if math.isfinite(value) else None
