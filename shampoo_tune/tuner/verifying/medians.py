"""Medians over seeds by the statistics of this package, not by the database's own view."""

import math
from collections.abc import Sequence
from typing import Any

from shampoo_tune.storage.study_rows import MEDIAN_VALUES, StoredRun
from shampoo_tune.study import Goal, RunState
from shampoo_tune.tuner.statistics.medians import median, median_interval
from shampoo_tune.tuner.study_data import worst_value
from shampoo_tune.tuner.verifying.stored_study import StoredStudy


def median_of_runs(study: StoredStudy, runs: Sequence[StoredRun], metric: str) -> dict[str, Any]:
    """MEDIAN_VALUES of runs with a verdict; all None but the counts if there are none."""
    judged = [run for run in runs if run.judged]
    if not judged:
        return dict.fromkeys(MEDIAN_VALUES) | {"seeds": 0, "infeasible": 0}
    goal = Goal(study.metrics.get(metric, Goal.MINIMIZE))
    told = [study.value(run, metric) for run in judged]
    values = [worst_value(goal) if value is None else value for value in told]
    interval = median_interval(values)
    target = study.row.target if metric == study.row.metric else None
    return {
        "seeds": len(judged),
        "infeasible": sum(run.state is RunState.INFEASIBLE for run in judged),
        "reached": None if target is None else sum(_reaches(v, goal, target) for v in told),
        "median": _finite(median(values)),
        "ci_low": _finite(interval.low) if interval else None,
        "ci_high": _finite(interval.high) if interval else None,
        "median_steps_to_target": _finite(median([_steps(study, run, metric) for run in judged])),
    }


def _reaches(value: float | None, goal: Goal, target: float) -> bool:
    if value is None:
        return False
    return value >= target if goal is Goal.MAXIMIZE else value <= target


def _steps(study: StoredStudy, run: StoredRun, metric: str) -> float:
    steps = study.values.get(run.run_id, {}).get(metric, {}).get("steps_to_target")
    return math.inf if steps is None else float(steps)


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
