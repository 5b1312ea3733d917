"""What is known of a program: no more than the file's `metric` section says."""

from dataclasses import replace
from typing import Any

from shampoo_tune.study import Goal
from shampoo_tune.tuner.study_file.metric_section import GOAL_BY_ENDING
from shampoo_tune.tuner.study_file.problems import Problems
from shampoo_tune.workloads import WorkloadEntry


def program_facts(
    problems: Problems, entry: WorkloadEntry, section: dict[str, Any]
) -> WorkloadEntry:
    """The facts of a program; its metric must be named, and its goal unless the name tells it."""
    name = section.get("name")
    if name is None:
        problems.missing_key(("metric", "name"), "the metric that the program prints")
    if not isinstance(name, str):
        return entry
    by_name = [goal for ending, goal in GOAL_BY_ENDING.items() if name.endswith(ending)]
    goals = by_name or [goal for goal in Goal if section.get("goal") == goal]
    if not goals and "goal" not in section:
        problems.missing_key(("metric", "goal"), "maximize or minimize")
    selecting = name.replace("test_", "valid_", 1) if name.startswith("test_") else name
    return replace(entry, metric=selecting, metrics=(name,), goal=(goals or [entry.goal])[0])
