"""What a ladder came to: the steps to the target of each arm, and their ratios."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from shampoo_tune.storage.results import Cost
from shampoo_tune.study import Goal
from shampoo_tune.tuner.ladder.rung_result import ArmAtRung, finite
from shampoo_tune.tuner.statistics.medians import Interval

Over = Literal["seeds", "studies"]


@dataclass(frozen=True)
class ArmOnLadder:
    """One arm over all budgets.

    Attributes:
        arm: the key in the study file.
        steps_to_target: where the isotonic fit of the medians crosses the target. The smallest
            budget stands for "at most", infinity for "more than the largest".
        interval: its 95 % interval, the ends read in the same way.
        by_study: the same from each study alone, by replicate.
        rungs: in the order of the ladder, the largest first.
        cost: of the first study at the largest budget; in the tables only, for times vary.
    """

    arm: str
    steps_to_target: float
    interval: Interval | None
    by_study: tuple[float, ...]
    rungs: tuple[ArmAtRung, ...]
    cost: Cost

    def to_json(self, over: Over | None) -> dict[str, Any]:
        """The arm's part of the document."""
        smallest = self.rungs[-1].steps
        return {
            "steps_to_target": finite(self.steps_to_target),
            "low": finite(self.interval.low) if self.interval else None,
            "high": finite(self.interval.high) if self.interval else None,
            "interval_over": over if self.interval else None,
            "censored": _censored(self.steps_to_target, smallest),
            "by_study": [finite(steps) for steps in self.by_study],
            "rungs": [rung.to_json() for rung in self.rungs],
        }


@dataclass(frozen=True)
class Ratio:
    """The steps to the target of one arm over those of another.

    Attributes:
        first: name of an arm.
        second: name of another.
        ratio: None unless both are crossings inside the ladder.
        interval: its 95 % interval, paired by study and seed; an end may be 0 or infinite.
        p_value: of "the same steps", paired by study, adjusted after Holm over all pairs; None with
            too few studies, or if one of them does not cross the target inside the ladder.
        fewer: the arm whose optimizer needs fewer steps; None if that is not shown.
    """

    first: str
    second: str
    ratio: float | None
    interval: Interval | None
    p_value: float | None
    fewer: str | None

    def to_json(self) -> dict[str, Any]:
        """The pair's part of the document."""
        return {
            "first": self.first,
            "second": self.second,
            "ratio": self.ratio,
            "low": finite(self.interval.low) if self.interval else None,
            "high": finite(self.interval.high) if self.interval else None,
            "p_value": self.p_value,
            "fewer": self.fewer,
        }


@dataclass(frozen=True)
class LadderResult:
    """A ladder with all its verdicts.

    Attributes:
        ladder: its name.
        factor: each budget is this part of the one before.
        title: the workload in words.
        metric: what is compared.
        goal: which direction is better.
        target: what is to be reached.
        seeds: final seeds of a study that is not stopped.
        eval_every: steps between evaluations, which is as near as a first crossing can be known.
        groups: steps -> name of the rung's group, the largest first.
        arms: in the order of the file.
        ratios: of all pairs of arms.
        over: what the intervals are over; None if there are too few of either.
        resolution: what one example of the validation split is worth, or None.
        runs: trained for this, over all rungs.
        steps: trained in them.
    """

    ladder: str
    factor: float
    title: str
    metric: str
    goal: Goal
    target: float
    seeds: int
    eval_every: int
    groups: Mapping[int, str]
    arms: tuple[ArmOnLadder, ...]
    ratios: tuple[Ratio, ...]
    over: Over | None
    resolution: float | None
    runs: int
    steps: int

    def to_json(self) -> dict[str, Any]:
        """The document that `--json` prints."""
        return {
            "schema": "shampoo-tune/ladder/v1",
            "ladder": self.ladder,
            "factor": self.factor,
            "metric": self.metric,
            "goal": self.goal,
            "target": self.target,
            "seeds": self.seeds,
            "eval_every": self.eval_every,
            "rungs": [{"steps": s, "group": group} for s, group in self.groups.items()],
            "runs": self.runs,
            "steps": self.steps,
            "arms": {arm.arm: arm.to_json(self.over) for arm in self.arms},
            "ratios": [ratio.to_json() for ratio in self.ratios],
        }


@dataclass(frozen=True)
class UnfinishedLadder:
    """Stands for the result of a ladder that has none yet.

    Attributes:
        ladder: its name.
        groups: steps -> name of the rung's group, the largest first.
        reason: which studies are not finished.
    """

    ladder: str
    groups: Mapping[int, str]
    reason: str

    def to_json(self) -> dict[str, Any]:
        """What programs see of it."""
        rungs = [{"steps": s, "group": group} for s, group in self.groups.items()]
        return {"ladder": self.ladder, "rungs": rungs, "absent": self.reason}


def _censored(steps: float, smallest: int) -> Literal["below", "above"] | None:
    if math.isinf(steps):
        return "above"
    return "below" if steps <= smallest else None
