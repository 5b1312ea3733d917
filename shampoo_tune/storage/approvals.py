"""Approvals: which trial's configuration somebody gave an alias, and when.

Rows are only added, each in one short transaction that no lease is needed for; the newest of an
alias counts, the others are its history (`v1_best_configs`).
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from shampoo_tune.storage.inserting import insert_row
from shampoo_tune.storage.tables import Approval, Study, Trial


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


def add_approval(
    connection: Connection,
    trial_id: int,
    *,
    digest: str,
    author: str,
    alias: str = "champion",
    note: str | None = None,
) -> None:
    """Give a trial's configuration an alias.

    Args:
        connection: a write transaction.
        trial_id: the trial.
        digest: of the configuration, as best.yaml has it, so that it is known what was approved.
        author: who approves, as `user@host`.
        alias: under which name production asks for it.
        note: why.
    """
    row = {"trial_id": trial_id, "digest": digest, "author": author, "alias": alias, "note": note}
    insert_row(connection, Approval, **row)


def approvals(connection: Connection, study_id: int | None = None) -> list[ApprovalRow]:
    """All approvals, or those of one study, the newest first."""
    query = (
        select(Study.name, Trial.number, Approval.alias, Approval.digest, Approval.note,
               Approval.author, Approval.approved_at)
        .join(Trial, Trial.id == Approval.trial_id)
        .join(Study, Study.id == Trial.study_id)
        .order_by(Approval.id.desc())
    )  # fmt: skip
    if study_id is not None:
        query = query.where(Study.id == study_id)
    return [ApprovalRow(*row) for row in connection.execute(query)]
