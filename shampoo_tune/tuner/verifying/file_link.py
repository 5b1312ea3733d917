"""The first link: the study file, its digest, and the studies that it makes."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.errors import InvalidInputError, NotFoundError
from shampoo_tune.study import PROTOCOL_NAME, PROTOCOL_VERSION
from shampoo_tune.tuner.lineage import check_parent
from shampoo_tune.tuner.study_file.loading import Study, digest
from shampoo_tune.tuner.submission import study_columns, workload_arguments
from shampoo_tune.tuner.verifying.link import Difference, Link, differing


def file_link(
    connection: Connection, group: Row[Any], file: Study, rows: Sequence[Row[Any]]
) -> Link:
    """Whether the group is what its file says, under this version of the protocol."""
    found = [
        *_of_group(group, file),
        *_of_parent(connection, group, file),
        *_of_studies(group, file, rows),
    ]
    return Link("file", f"digest {group.digest[:12]}, budget, workload, protocol", tuple(found))


def _of_group(group: Row[Any], file: Study) -> Iterator[Difference]:
    if group.digest != digest(file):
        yield Difference(group.name, "digest of the file", group.digest, digest(file))
    protocol = {"name": PROTOCOL_NAME, "version": PROTOCOL_VERSION}
    yield from differing(group.name, group.provenance.get("protocol"), protocol, "protocol")
    stored = group.provenance.get("workload", {}).get("arguments")
    yield from differing(group.name, stored, workload_arguments(file), "workload")


def _of_parent(connection: Connection, group: Row[Any], file: Study) -> Iterator[Difference]:
    try:
        check_parent(connection, file)
    except (InvalidInputError, NotFoundError) as error:
        stored = file.parent.digest if file.parent else None
        yield Difference(group.name, "parent", stored, str(error))


def _of_studies(group: Row[Any], file: Study, rows: Sequence[Row[Any]]) -> Iterator[Difference]:
    planned = [
        study_columns(file, arm, group.name, r) for arm in file.arms for r in file.replicates
    ]
    names = [columns["name"] for columns in planned]
    stored = {row.name: row._mapping for row in rows}
    if list(stored) != names:
        yield Difference(group.name, "studies", list(stored), names)
    for columns in planned:
        if (row := stored.get(columns["name"])) is not None:
            yield from differing(columns["name"], {key: row[key] for key in columns}, columns)
