"""Approving a winner for production."""

from dataclasses import dataclass

from shampoo_tune.best_config import BestConfig
from shampoo_tune.storage import queries
from shampoo_tune.storage.approvals import add_approval
from shampoo_tune.storage.database import Database
from shampoo_tune.tuner.author import author
from shampoo_tune.tuner.winner import best_config


@dataclass(frozen=True)
class Approved:
    """What was approved, and its digest."""

    config: BestConfig
    digest: str


def approve(database: Database, study: str, note: str | None) -> Approved:
    """Make the winner of a study its champion, as it is at this moment.

    Raises:
        NotFoundError: there is no such study.
        ConditionNotMetError: its winner is provisional.
    """
    with database.read() as connection:
        row = queries.require_study(connection, study)
        config = best_config(connection, row, provisional=False)
        trial = queries.trial_of(connection, row.id, config.provenance["trial"])
    document = config.to_document()
    # Nobody's lease is needed: the row is only added, and no controller reads it.
    with database.write() as connection:
        add_approval(connection, trial.id, document, author=author(), note=note)
    return Approved(config, document["digest"])
