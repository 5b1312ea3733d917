"""Studies with the values that a test wants."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from shampoo_tune.study import Goal
from shampoo_tune.tuner.design import design
from shampoo_tune.tuner.parameters import Choice, Fixed, Parameter, Range, SearchSpace
from shampoo_tune.tuner.study_data import Array, StudyData

SPACE = SearchSpace(
    (
        Parameter("learning_rate", Range(0.01, 10.0, "log")),
        Parameter("beta", Range(0.5, 0.99, "one_minus_log")),
        Parameter("weight_decay", Range(0.0, 0.1)),
        Parameter("exponent", Choice((0, 2, 4))),
        Parameter("warmup", Range(1, 6, "log", whole=True)),
        Parameter("block_size", Fixed(128)),
    )
)
WORST = {Goal.MAXIMIZE: -math.inf, Goal.MINIMIZE: math.inf}


def with_search(
    study: StudyData, values: Sequence[float | None], goal: Goal = Goal.MAXIMIZE, **changes: Any
) -> StudyData:
    """A search over `SPACE` with these values, None being infeasible; `changes` replace fields."""
    units = design(len(SPACE.dimensions), len(values), "halton", 0, 0)
    points = tuple(SPACE.point(unit) for unit in units.tolist())
    search = np.array([WORST[goal] if value is None else value for value in values], float)
    changed: dict[str, Any] = {
        "space": SPACE,
        "goal": goal,
        "points": points,
        "units": np.array(SPACE.units(points), float).T.reshape(units.shape),
        "search": search,
        "best_step": np.where(np.isfinite(search), 30.0, np.nan),
        "reasons": {i: f"diverged at step {i}" for i, v in enumerate(values) if v is None},
        "trials": len(values),
        "winner": None,
        "final": np.array([]),
        "final_test": np.array([]),
        "steps_to_target": np.array([]),
        "finalist_values": {},
    }
    return dataclasses.replace(study, **(changed | changes))


def with_final(study: StudyData, values: Sequence[float], **changes: Any) -> StudyData:
    """A study whose winner, trial 0, has these final values."""
    final: Array = np.array(values, float)
    changed: dict[str, Any] = {
        "winner": 0,
        "final": final,
        "final_test": final,
        "steps_to_target": np.full(len(values), math.inf),
        "seeds": len(values),
    }
    return dataclasses.replace(study, **(changed | changes))
