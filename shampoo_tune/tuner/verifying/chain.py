"""The chain from the study file to the medians, link by link, of a group in a database."""

from sqlalchemy import Connection

from shampoo_tune.storage import queries
from shampoo_tune.tuner.verifying.design_link import design_link
from shampoo_tune.tuner.verifying.file_link import file_link
from shampoo_tune.tuner.verifying.group_file import file_of
from shampoo_tune.tuner.verifying.link import Link
from shampoo_tune.tuner.verifying.runs_link import runs_link
from shampoo_tune.tuner.verifying.stored_study import StoredStudy, read_study
from shampoo_tune.tuner.verifying.values_links import medians_link, values_link


def audit(connection: Connection, group_name: str) -> tuple[list[Link], list[StoredStudy]]:
    """Every link of a group, and its studies as they were read for it.

    Args:
        connection: a read transaction.
        group_name: the group.

    Raises:
        NotFoundError: there is no such group.
        InvalidInputError: its file names a workload that is not installed here.
    """
    group = queries.require_group(connection, group_name)
    file = file_of(group.document, group.provenance)
    rows = queries.studies_of(connection, group.id)
    arms = {arm.name for arm in file.arms}
    studies = [read_study(connection, row, file) for row in rows if row.arm in arms]
    links = [
        file_link(connection, group, file, rows),
        design_link(connection, studies),
        runs_link(connection, group.state, studies),
        values_link(connection, studies),
        medians_link(connection, studies),
    ]
    return links, studies
