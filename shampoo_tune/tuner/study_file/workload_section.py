"""`workload`: what is trained, checked against what is known of it."""

from collections.abc import Iterable, Mapping
from typing import Any

from shampoo_tune.study import Goal
from shampoo_tune.tuner.study_file.problems import Problems, hint_text, number_hint
from shampoo_tune.tuner.study_file.sections import Workload, parse_section
from shampoo_tune.workloads import WorkloadEntry
from shampoo_tune.workloads.arguments import ArgumentProblem

_NO_FACTS = WorkloadEntry("", "", (), "", Goal.MAXIMIZE, None, 1)


def find_workload(
    problems: Problems, section: dict[str, Any], known: Mapping[str, WorkloadEntry]
) -> WorkloadEntry:
    """What is known of the section's workload; nothing if its name is no workload's."""
    name = section.get("name")
    if isinstance(name, str) and name not in known:
        rule = f"unknown workload {name!r}"
        problems.add(("workload", "name"), rule, name, hint_text(name, known))
    return known.get(name, _NO_FACTS) if isinstance(name, str) else _NO_FACTS


def parse_workload(problems: Problems, data: dict[str, Any], facts: WorkloadEntry) -> Workload:
    """The section; batch size and arguments default to the workload's."""
    fallback = Workload(name="", batch_size=facts.batch_size)
    if not isinstance(data.get("workload"), dict):
        return fallback  # its absence was reported
    filled = {"batch_size": facts.batch_size, **data["workload"]}
    workload = parse_section(problems, ("workload",), filled, fallback)
    for name, value in workload.args.items():
        if facts.arguments is not None and name not in facts.arguments:
            problems.unknown_key(("workload", "args", name), value, facts.arguments)
    args, wrong = facts.complete(workload.args)
    _add_all(problems, workload.args, wrong)
    return workload.model_copy(update={"args": args})


def check_files(problems: Problems, workload: Workload, facts: WorkloadEntry) -> None:
    """The files that a valid section names are what the workload needs."""
    _add_all(problems, workload.args, facts.files(workload.args))


def check_label_smoothing(problems: Problems, label_smoothing: float, facts: WorkloadEntry) -> None:
    """Only labels can be smoothed."""
    if label_smoothing and not facts.smooths_labels:
        rule = "the workload has no labels to smooth"
        problems.add_at_key(("shared", "label_smoothing"), rule, label_smoothing, "leave it out")


def _add_all(problems: Problems, args: dict[str, Any], wrong: Iterable[ArgumentProblem]) -> None:
    for problem in wrong:
        value = args.get(problem.name)
        hint = problem.hint or number_hint(value)
        problems.add(("workload", "args", problem.name), problem.rule, value, hint)
