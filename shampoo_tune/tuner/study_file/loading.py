"""Reads a study file: YAML, then overrides, then every rule, then a `Study` or all the errors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.study import Budget
from shampoo_tune.tuner.study_file.advice import batch_warnings, limit_finalists, study_warnings
from shampoo_tune.tuner.study_file.arms import Arm, parse_arm
from shampoo_tune.tuner.study_file.document import digest, render_yaml, to_document
from shampoo_tune.tuner.study_file.metric_section import parse_metric, parse_target
from shampoo_tune.tuner.study_file.model import Study
from shampoo_tune.tuner.study_file.overrides import apply_overrides
from shampoo_tune.tuner.study_file.problems import Problems
from shampoo_tune.tuner.study_file.program_facts import program_facts
from shampoo_tune.tuner.study_file.root_keys import check_root
from shampoo_tune.tuner.study_file.schedule_sections import Shared, parse_schedule, parse_shared
from shampoo_tune.tuner.study_file.sections import (
    BudgetSection,
    Parent,
    Search,
    parse_section,
)
from shampoo_tune.tuner.study_file.workload_section import (
    check_files,
    check_label_smoothing,
    find_workload,
    parse_workload,
)
from shampoo_tune.tuner.study_file.yaml_source import MAX_BYTES, decode, read_yaml
from shampoo_tune.workloads import WorkloadEntry
from shampoo_tune.workloads.known import PROGRAM

__all__ = [
    "Arm",
    "LoadedStudyFile",
    "Study",
    "digest",
    "load_study_file",
    "parse_study_file",
    "render_yaml",
    "to_document",
]


@dataclass(frozen=True)
class LoadedStudyFile:
    """What a study file came to.

    Attributes:
        study: validated, defaults filled in.
        warnings: sentences; none of them stops the study.
        text: the file as it was, without overrides.
    """

    study: Study
    warnings: list[str]
    text: str


def load_study_file(
    path: Path | str, overrides: Sequence[str], known_workloads: Mapping[str, WorkloadEntry]
) -> LoadedStudyFile:
    """Reads and checks a file.

    Args:
        path: also how errors name the file.
        overrides: `a.b=v` each, applied in turn before the checks.
        known_workloads: by name.

    Raises:
        StudyFileError: with everything that is wrong.
        InvalidInputError: the file cannot be opened.
    """
    try:
        with Path(path).open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InvalidInputError(f"cannot read {path}: {error.strerror}") from error
    text = decode(raw, str(path))
    return _parse(text, str(path), overrides, known_workloads, reads_files=True)


def parse_study_file(
    text: str,
    filename: str,
    overrides: Sequence[str],
    known_workloads: Mapping[str, WorkloadEntry],
) -> LoadedStudyFile:
    """`load_study_file` for a text already read. Raises StudyFileError.

    The files that it names are left alone: a stored study outlives them.
    """
    return _parse(text, filename, overrides, known_workloads, reads_files=False)


def _parse(
    text: str,
    filename: str,
    overrides: Sequence[str],
    known_workloads: Mapping[str, WorkloadEntry],
    *,
    reads_files: bool,
) -> LoadedStudyFile:
    source = apply_overrides(read_yaml(text, filename), overrides)
    problems = Problems(source)
    study, warnings = _parse_study(problems, source.data, known_workloads)
    if reads_files and not problems.errors:
        check_files(problems, study.workload, known_workloads[study.workload.name])
    problems.raise_errors()
    return LoadedStudyFile(study, warnings, text)


def _parse_study(
    problems: Problems, data: dict[str, Any], known: Mapping[str, WorkloadEntry]
) -> tuple[Study, list[str]]:
    """A study that is valid if no problem was added, and its warnings."""
    check_root(problems, data)
    sections = {
        key: problems.mapping((key,), data.get(key, {}))
        for key in ("workload", "metric", "budget", "search", "schedule", "shared")
    }
    facts = find_workload(problems, sections["workload"], known)
    if sections["workload"].get("name") == PROGRAM:
        facts = program_facts(problems, facts, sections["metric"])
    workload = parse_workload(problems, data, facts)
    metric = parse_metric(problems, sections["metric"], facts)
    budget, warnings = _parse_budget(problems, data)
    shared = parse_shared(problems, sections["shared"], sections["schedule"])
    check_label_smoothing(problems, shared.label_smoothing, facts)
    study = Study(
        name=str(data.get("name")),
        workload=workload,
        metric=metric,
        target=parse_target(problems, data, metric, facts),
        budget=budget,
        search=parse_section(problems, ("search",), sections["search"], Search()),
        schedule=parse_schedule(problems, sections["schedule"]),
        label_smoothing=shared.label_smoothing,
        arms=_parse_arms(problems, data, shared, budget),
        parent=_parse_parent(problems, data),
    )
    warnings += batch_warnings(workload.batch_size, facts)
    return study, warnings + study_warnings(budget, study.search.sampler, study.arms)


def _parse_parent(problems: Problems, data: dict[str, Any]) -> Parent | None:
    parent, path = data.get("parent"), ("parent",)
    if not isinstance(parent, dict):
        if "parent" in data:
            problems.mapping(path, parent, "write {group: NAME, digest: ...}, or leave it out")
        return None
    return parse_section(problems, path, parent, Parent(group="parent", digest="0" * 64))


def _parse_budget(problems: Problems, data: dict[str, Any]) -> tuple[Budget, list[str]]:
    section = BudgetSection(steps=1, trials=100_000)
    if isinstance(data.get("budget"), dict):
        section = parse_section(problems, ("budget",), data["budget"], section)
    return limit_finalists(Budget(**section.model_dump()))


def _parse_arms(
    problems: Problems, data: dict[str, Any], shared: Shared, budget: Budget
) -> tuple[Arm, ...]:
    path = ("optimizers",)
    optimizers = problems.mapping(path, data.get("optimizers", {"": None}))
    if "optimizers" not in data:
        return ()
    if not optimizers and isinstance(data["optimizers"], dict):
        problems.add(path, "a study needs at least one arm", {}, "for example shampoo:")
    parsed = [parse_arm(problems, name, arm, shared.parameters) for name, arm in optimizers.items()]
    arms = tuple(arm for arm in parsed if arm is not None)
    for arm in arms:
        if len(arm.enqueue) > budget.trials:
            rule = f"{len(arm.enqueue)} points, but budget.trials is {budget.trials}"
            problems.add((*path, arm.name, "enqueue"), rule, len(arm.enqueue))
    return arms
