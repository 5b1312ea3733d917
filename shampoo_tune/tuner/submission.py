"""From a validated study file to the rows of a group: every point is drawn before anything runs."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage import queries, records
from shampoo_tune.storage.records import NewStudy, NewTrial
from shampoo_tune.study import PROTOCOL_NAME, PROTOCOL_VERSION, study_name
from shampoo_tune.tuner import provenance
from shampoo_tune.tuner.configuration import make_configuration
from shampoo_tune.tuner.design import design, sampler_version
from shampoo_tune.tuner.study_file.loading import Arm, Study, digest, to_document
from shampoo_tune.workloads import WORKLOADS


def submit(connection: Connection, study: Study, group_name: str) -> Row[Any]:
    """The group of this file: created, or found if it was created before from an equal file.

    Args:
        connection: a write transaction.
        study: the validated file.
        group_name: the group's name, which may differ from the file's.

    Raises:
        InvalidInputError: a group of that name was made from another file.
    """
    existing = queries.find_group(connection, group_name)
    if existing is None:
        records.create_group(connection, _group_columns(study, group_name), plan(study, group_name))
    elif existing.digest != digest(study):
        differences = "\n".join(differing(existing.document, to_document(study)))
        raise InvalidInputError(
            f"group {group_name!r} was made from a different file; "
            f"use --name to make another group\n{differences}"
        )
    return queries.require_group(connection, group_name)


def plan(study: Study, group_name: str) -> list[NewStudy]:
    """The studies of a group with their whole designs."""
    return [
        _plan_study(study, arm, group_name, replicate)
        for arm in study.arms
        for replicate in range(study.budget.studies)
    ]


def workload_arguments(study: Study) -> dict[str, Any]:
    """What `make_workload` needs, as the workers receive it."""
    loss = {"label_smoothing": study.label_smoothing} if study.label_smoothing else {}
    workload = study.workload
    return {"name": workload.name, "batch_size": workload.batch_size, **workload.args, **loss}


def points(study: Study, arm: Arm, replicate: int) -> list[dict[str, Any]]:
    """The points of one study: those that the file enqueues, then the design."""
    enqueued = [arm.space.complete(point) for point in arm.enqueue]
    units = design(
        len(arm.space.dimensions),
        study.budget.trials - len(enqueued),
        study.search.sampler,
        study.search.seed,
        replicate,
    )
    return enqueued + [arm.space.point(unit) for unit in units.tolist()]


def _plan_study(study: Study, arm: Arm, group_name: str, replicate: int) -> NewStudy:
    columns = {
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
    trials = [
        NewTrial(
            number,
            point,
            make_configuration(arm.optimizer, point, study.schedule, study.budget.steps).to_json(),
        )
        for number, point in enumerate(points(study, arm, replicate))
    ]
    return NewStudy(columns, WORKLOADS[study.workload.name].metrics, trials)


def _group_columns(study: Study, group_name: str) -> dict[str, Any]:
    return {
        "name": group_name,
        "digest": digest(study),
        "document": to_document(study),
        "provenance": {
            **provenance.collect(),
            "protocol": {"name": PROTOCOL_NAME, "version": PROTOCOL_VERSION},
            "sampler": sampler_version(study.search.sampler),
            "workload": {
                "description": WORKLOADS[study.workload.name].description,
                "arguments": workload_arguments(study),
            },
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
