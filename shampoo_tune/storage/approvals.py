"""Approvals: which best.yaml of a study somebody gave an alias, and when.

Rows are only added, each in one short transaction that no lease is needed for; the newest of an
alias counts, the others are its history (`v1_best_configs`). A row keeps the whole document, so
that what was approved stays what it was, whatever becomes of the study.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage.inserting import insert_row
from shampoo_tune.storage.queries import require_study
from shampoo_tune.storage.tables import Approval, Study, Trial

CHAMPION = "champion"


@dataclass(frozen=True)
class ApprovalRow:
    """Somebody gave a configuration an alias."""

    study: str
    trial: int
    alias: str
    digest: str
    note: str | None
    author: str
    approved_at: datetime


@dataclass(frozen=True)
class Champion:
    """The newest approval of a study, and the content of best.yaml as it was approved."""

    approval: ApprovalRow
    document: Mapping[str, Any]


def add_approval(
    connection: Connection,
    trial_id: int,
    document: Mapping[str, Any],
    *,
    author: str,
    alias: str = CHAMPION,
    note: str | None = None,
) -> None:
    """Give a trial's configuration an alias.

    Args:
        connection: a write transaction.
        trial_id: the trial.
        document: the content of best.yaml; its `digest` tells what was approved.
        author: who approves, as `user@host`.
        alias: under which name production asks for it.
        note: why.
    """
    insert_row(
        connection,
        Approval,
        trial_id=trial_id,
        document=dict(document),
        digest=document["digest"],
        author=author,
        alias=alias,
        note=note,
    )


def approvals(connection: Connection, study_id: int | None = None) -> list[ApprovalRow]:
    """All approvals, or those of one study, the newest first."""
    query = (
        select(*_COLUMNS)
        .join(Trial, Trial.id == Approval.trial_id)
        .join(Study, Study.id == Trial.study_id)
        .order_by(Approval.id.desc())
    )
    if study_id is not None:
        query = query.where(Study.id == study_id)
    return [ApprovalRow(*row) for row in connection.execute(query)]


def champion(connection: Connection, study: str) -> Champion:
    """What is approved of a study.

    Args:
        connection: any transaction.
        study: its name, as `require_study` takes it.

    Raises:
        NotFoundError: there is no such study, or nothing of it is approved.
    """
    row = require_study(connection, study)
    query = (
        select(*_COLUMNS, Approval.document)
        .join(Trial, Trial.id == Approval.trial_id)
        .join(Study, Study.id == Trial.study_id)
        .where(Study.id == row.id, Approval.alias == CHAMPION)
        .order_by(Approval.id.desc())
        .limit(1)
    )
    newest = connection.execute(query).first()
    if newest is None or newest.document is None:
        raise NotFoundError(
            f"nothing of {row.name} is approved; `shampoo-tune approve {row.name} --note WHY` "
            "approves its winner"
        )
    *columns, document = newest
    return Champion(ApprovalRow(*columns), document)


_COLUMNS = (
    Study.name, Trial.number, Approval.alias, Approval.digest, Approval.note, Approval.author,
    Approval.approved_at,
)  # fmt: skip
