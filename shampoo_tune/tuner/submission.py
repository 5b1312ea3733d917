"""From a validated study file to the rows of a group: points are drawn before anything runs.

All of them, unless an adaptive sampler is to be asked for more (`exploration`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage import queries, records
from shampoo_tune.storage.records import NewStudy, NewTrial
from shampoo_tune.storage.seed_medians import ensure_median_ranks
from shampoo_tune.study import PROTOCOL_NAME, PROTOCOL_VERSION, study_name
from shampoo_tune.tuner import provenance
from shampoo_tune.tuner.configuration import make_configuration
from shampoo_tune.tuner.design import design, drawn_ahead, sampler_version
from shampoo_tune.tuner.lineage import check_parent
from shampoo_tune.tuner.parameters import Value
from shampoo_tune.tuner.requesting import requeue_group
from shampoo_tune.tuner.study_file.loading import (
    Arm,
    Study,
    digest,
    parse_study_file,
    to_document,
)
from shampoo_tune.workloads.installed import package_facts
from shampoo_tune.workloads.known import KNOWN_WORKLOADS, PROGRAM


def submit(
    connection: Connection,
    study: Study,
    group_name: str,
    ladder: Mapping[str, Any] | None = None,
) -> Row[Any]:
    """The group of this file: created, or found if it was created before from an equal file.

    One that was paused, or blocked by failed runs, is queued again.

    Args:
        connection: a write transaction.
        study: the validated file.
        group_name: the group's name, which may differ from the file's.
        ladder: the declaration of the ladder that the group is a rung of, as JSON values; it is
            part of what makes the group.

    Raises:
        InvalidInputError: a group of that name was made from another file or for another ladder,
            or the parent is not what the file was refined from, or has used this round's seeds.
        NotFoundError: there is no such parent.
        ConditionNotMetError: the group was cancelled.
    """
    records.reserve_name(connection, group_name)
    existing = find(connection, study, group_name, ladder)
    if existing is None:
        columns = _group_columns(study, group_name, ladder)
        records.create_group(connection, columns, plan(study, group_name))
        if ladder:
            ensure_median_ranks(connection, max(ladder["looks"]))
    else:
        requeue_group(connection, existing)
    return queries.require_group(connection, group_name)


def find(
    connection: Connection,
    study: Study,
    group_name: str,
    ladder: Mapping[str, Any] | None = None,
) -> Row[Any] | None:
    """The group of this file if it was created before; see `submit`, which raises the same."""
    existing = queries.find_group(connection, group_name)
    if existing is None:
        check_parent(connection, study)
    elif (existing.digest, existing.provenance.get("ladder")) != (digest(study), ladder):
        before = {**existing.document, "ladder": existing.provenance.get("ladder", {})}
        after = {**to_document(study), "ladder": ladder or {}}
        differences = "\n".join(differing(before, after))
        raise InvalidInputError(
            f"group {group_name!r} was made from a different file; "
            f"use --name to make another group\n{differences}"
        )
    return existing


def plan(study: Study, group_name: str) -> list[NewStudy]:
    """The studies of a group with all points that are drawn ahead."""
    return [
        _plan_study(study, arm, group_name, replicate)
        for arm in study.arms
        for replicate in study.replicates
    ]


def study_of_document(document: Mapping[str, Any]) -> Study:
    """The study file that a group was made from, out of the group's `document`."""
    return parse_study_file(json.dumps(document), "the group's file", (), KNOWN_WORKLOADS).study


def workload_arguments(study: Study) -> dict[str, Any]:
    """What `make_workload` needs, as the workers receive it."""
    loss = {"label_smoothing": study.label_smoothing} if study.label_smoothing else {}
    workload = study.workload
    metric = {"metric": study.metric.name} if workload.name == PROGRAM else {}
    return {
        "name": workload.name,
        "batch_size": workload.batch_size,
        **workload.args,
        **loss,
        **metric,
    }


def points(study: Study, arm: Arm, replicate: int) -> list[dict[str, Any]]:
    """The points of one study that are drawn ahead: those that the file enqueues, then a design."""
    enqueued = [arm.space.complete(point) for point in arm.enqueue]
    budget, search = study.budget, study.search
    count = min(drawn_ahead(search.sampler, budget.trials), budget.trials - len(enqueued))
    units = design(len(arm.space.dimensions), count, search.sampler, search.seed, replicate)
    return enqueued + [arm.space.point(unit) for unit in units.tolist()]


def _plan_study(study: Study, arm: Arm, group_name: str, replicate: int) -> NewStudy:
    drawn = points(study, arm, replicate)
    trials = [new_trial(study, arm, number, point) for number, point in enumerate(drawn)]
    metrics = KNOWN_WORKLOADS[study.workload.name].metrics or (study.metric.name,)
    return NewStudy(study_columns(study, arm, group_name, replicate), metrics, trials)


def study_columns(study: Study, arm: Arm, group_name: str, replicate: int) -> dict[str, Any]:
    """A study's row."""
    return {
        "name": study_name(group_name, arm.name, replicate),
        "arm": arm.name,
        "optimizer": arm.optimizer,
        "replicate": replicate,
        "workload": study.workload.name,
        "metric": study.metric.name,
        "goal": study.metric.goal,
        "objective": study.metric.objective,
        "target": study.target,
        **{k: v for k, v in asdict(study.budget).items() if k != "studies"},
    }


def new_trial(study: Study, arm: Arm, number: int, point: Mapping[str, Value]) -> NewTrial:
    """A point with the configuration that trains it."""
    made = make_configuration(arm.optimizer, point, study.schedule, study.budget.steps)
    return NewTrial(number, point, made.to_json())


def _group_columns(
    study: Study, group_name: str, ladder: Mapping[str, Any] | None
) -> dict[str, Any]:
    return {
        "name": group_name,
        "digest": digest(study),
        "document": to_document(study),
        "provenance": {
            **provenance.collect(),
            "protocol": {"name": PROTOCOL_NAME, "version": PROTOCOL_VERSION},
            "sampler": sampler_version(study.search.sampler),
            "workload": {
                "description": KNOWN_WORKLOADS[study.workload.name].describe(study.workload.args),
                "arguments": workload_arguments(study),
                **package_facts(study.workload.name),
            },
            **({"ladder": ladder} if ladder else {}),
        },
    }


def differing(old: dict[str, Any], new: dict[str, Any], path: str = "") -> list[str]:
    """One line per value that differs between two nested documents."""
    lines = []
    for key in dict.fromkeys([*old, *new]):
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            lines += differing(before, after, f"{path}{key}.")
        elif before != after:
            lines.append(f"  {path}{key}: {before} in the group, {after} in the file")
    return lines
