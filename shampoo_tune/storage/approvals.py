"""Approvals: which trial's configuration somebody gave an alias, and when.

Rows are only added, each in one short transaction that no lease is needed for; the newest of an
alias counts, the others are its history (`v1_best_configs`).
"""

from sqlalchemy import Connection

from shampoo_tune.storage.inserting import insert_row
from shampoo_tune.storage.tables import Approval


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
