"""A ladder's result made by hand, for tests of what is said and drawn of it."""

import math

import numpy as np

from shampoo_tune.storage.results import Cost
from shampoo_tune.study import Goal
from shampoo_tune.tuner.ladder.ratios import Crossings, compare_steps
from shampoo_tune.tuner.ladder.result import ArmOnLadder, LadderResult, Over
from shampoo_tune.tuner.ladder.rung_result import ArmAtRung, StudyAtRung
from shampoo_tune.tuner.statistics.isotonic import isotonic_fit, steps_to_target
from shampoo_tune.tuner.statistics.medians import Interval

BUDGETS = (60, 48, 38, 30)
TARGET = 0.9
_COST = Cost({}, 1, 1, 1.0, 0.002, 1, frozenset({"cpu"}), frozenset(), frozenset(), 1024)


def arm_on_ladder(name: str, medians: list[float], spread: float = 0.1) -> ArmOnLadder:
    """An arm with these medians by falling budget; its interval is `spread` of the steps wide."""
    steps = steps_to_target(np.array(BUDGETS[::-1], float), np.array(medians[::-1]), TARGET,
                            Goal.MAXIMIZE)  # fmt: skip
    fitted = isotonic_fit(np.array(medians[::-1]))[::-1].tolist()
    rungs = [
        ArmAtRung(
            steps=budget, group=f"climb-s{budget}", median=value,
            interval=Interval(value - 0.01, value + 0.01), fitted=fit,
            studies=(StudyAtRung(f"climb-s{budget}/{name}", 10 if value < 0.8 else 50, 7, value,
                                 value < 0.8, math.inf),),
        )
        for budget, value, fit in zip(BUDGETS, medians, fitted, strict=True)
    ]  # fmt: skip
    interval = Interval(steps * (1 - spread), steps * (1 + spread))
    return ArmOnLadder(name, steps, interval, (steps,), tuple(rungs), _COST)


def some_ladder(*arms: ArmOnLadder, over: Over | None = "seeds") -> LadderResult:
    """The result of these arms."""
    crossings = [
        Crossings(arm.arm, arm.steps_to_target, arm.by_study,
                  np.full(100, arm.steps_to_target), BUDGETS[-1], BUDGETS[0])
        for arm in arms
    ]  # fmt: skip
    return LadderResult(
        ladder="climb", factor=0.8, title="digits", metric="valid_accuracy", goal=Goal.MAXIMIZE,
        target=TARGET, seeds=50, eval_every=5, groups={s: f"climb-s{s}" for s in BUDGETS},
        arms=arms, ratios=tuple(compare_steps(crossings, over)), over=over, resolution=1 / 359,
        runs=870, steps=34_390,
    )  # fmt: skip
