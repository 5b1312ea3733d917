"""What `status` and `best` ask of a database by name."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from shampoo_tune.best_config import BestConfig
from shampoo_tune.storage import queries
from shampoo_tune.storage.approvals import CHAMPION, Champion, champion
from shampoo_tune.storage.database import Reader
from shampoo_tune.tuner.summary import GroupSummary, summarize, summarize_study
from shampoo_tune.tuner.winner import best_config


def all_groups(database: Reader) -> list[dict[str, Any]]:
    """Name, state and progress of every group, oldest first."""
    with database.read() as connection:
        return [_line(connection, *group) for group in queries.groups(connection)]


def _line(connection: Connection, group_id: int, name: str) -> dict[str, Any]:
    """Of a group; the runs are those of its studies' whole budgets."""
    studies = [summarize_study(connection, s) for s in queries.studies_of(connection, group_id)]
    return {
        "group": name,
        "state": queries.group_state(connection, group_id),
        "runs_done": sum(study.runs_done for study in studies),
        "runs_total": sum(study.runs_total for study in studies),
    }


def summary_of(database: Reader, name: str) -> GroupSummary:
    """The summary of a group, or of its one study if a study is named.

    Raises:
        NotFoundError: no group or study has that name.
    """
    with database.read() as connection:
        group = queries.require_group(connection, name.split("/", 1)[0])
        summary = summarize(connection, group)
        if "/" not in name:
            return summary
        study = queries.require_study(connection, name).name
        return replace(summary, studies=tuple(s for s in summary.studies if s.study == study))


def best_of(database: Reader, study: str, *, provisional: bool) -> BestConfig:
    """The winner of a study with its evidence; see `winner.best_config`."""
    with database.read() as connection:
        row = queries.require_study(connection, study)
        return best_config(connection, row, provisional=provisional)


def champion_of(database: Reader, study: str) -> Champion:
    """What was approved last of a study, just as it was approved.

    Raises:
        NotFoundError: there is no such study, or nothing of it is approved.
        InvalidInputError: the row was changed since.
    """
    with database.read() as connection:
        found = champion(connection, study)
    BestConfig.from_document(found.document, f"{found.approval.study}@{CHAMPION}")
    return found
