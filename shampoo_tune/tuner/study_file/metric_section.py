"""`metric` and `target`: filled in from the workload, and checked against what it reports."""

import math
from typing import Any

from shampoo_tune.study import Goal
from shampoo_tune.tuner.study_file.problems import Problems, hint_text, number_hint, show
from shampoo_tune.tuner.study_file.sections import Metric, parse_section
from shampoo_tune.workloads import WorkloadEntry

GOAL_BY_ENDING = {
    "accuracy": Goal.MAXIMIZE,
    "loss": Goal.MINIMIZE,
    "error": Goal.MINIMIZE,
    "perplexity": Goal.MINIMIZE,
}


def parse_metric(problems: Problems, data: dict[str, Any], facts: WorkloadEntry) -> Metric:
    """The metric section; its name and goal default to the workload's."""
    filled = {"name": facts.metric, **data}
    name, known = filled["name"], filled["name"] in facts.metrics
    better = _better_goal(name, facts) if known else facts.goal
    if better is not None:
        filled = {"goal": better.value, **filled}
    if isinstance(name, str) and facts.metrics:
        _check_name(problems, name, facts)
    goals = [goal.value for goal in Goal]
    if known and better is not None and filled["goal"] in goals and filled["goal"] != better:
        rule = f"{name} is a metric to {better.value}"
        problems.add(("metric", "goal"), rule, filled["goal"], f"write {better.value}")
    fallback = Metric(name=name if known else facts.metric, goal=better or facts.goal)
    return parse_section(problems, ("metric",), filled, fallback)


def _check_name(problems: Problems, name: str, facts: WorkloadEntry) -> None:
    path = ("metric", "name")
    if name not in facts.metrics:
        selectable = [metric for metric in facts.metrics if not metric.startswith("test_")]
        problems.add(path, f"unknown metric {name!r}", name, hint_text(name, selectable))
    elif name.startswith("test_"):
        rule = "the test split is never used to select"
        hint = f"choose a validation metric such as {facts.metric}"
        problems.add(path, rule, name, hint)


def _better_goal(metric: str, facts: WorkloadEntry) -> Goal | None:
    """The direction of a metric, if the workload or its name tells."""
    if metric == facts.metric:
        return facts.goal
    endings = (goal for end, goal in GOAL_BY_ENDING.items() if metric.endswith(end))
    return next(endings, None)


def parse_target(
    problems: Problems, data: dict[str, Any], metric: Metric, facts: WorkloadEntry
) -> float | None:
    """The target; without the key that of the workload's own metric, with null none."""
    if "target" not in data:
        return facts.target if metric.name == facts.metric else None
    target = data["target"]
    if target is None:
        return None
    number = isinstance(target, (int, float)) and not isinstance(target, bool)
    if not number or not math.isfinite(target):
        hint = number_hint(target)
        problems.add(("target",), f"must be a number or null, got {show(target)}", target, hint)
        return None
    if metric.name.endswith("accuracy") and not 0 <= target <= 1:
        rule = f"an accuracy is a fraction in [0, 1], got {target!r}"
        hint = f"write {target / 100:g}" if 1 < target <= 100 else ""
        problems.add(("target",), rule, target, hint)
    return float(target)
