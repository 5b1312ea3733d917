"""What `status` and `best` ask of a database by name."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from shampoo_tune.best_config import BestConfig
from shampoo_tune.storage import queries
from shampoo_tune.storage.approvals import CHAMPION, Champion, champion
from shampoo_tune.storage.database import Reader
from shampoo_tune.study import GroupState
from shampoo_tune.tuner.summary import GroupSummary, summarize, verdicts
from shampoo_tune.tuner.winner import best_config


def all_groups(database: Reader) -> list[dict[str, Any]]:
    """Name, state and progress of every group, oldest first."""
    with database.read() as connection:
        return [_line(connection, *group) for group in queries.groups(connection)]


def _line(connection: Connection, group_id: int, name: str) -> dict[str, Any]:
    """From counts alone, for this is also how a container asks whether the database answers."""
    state = queries.group_state(connection, group_id)
    studies = queries.studies_of(connection, group_id)
    done = sum(verdicts(queries.run_counts(connection, study.id)) for study in studies)
    budget = sum(s.trials + s.finalists * s.finalist_seeds + s.seeds for s in studies)
    # A study may end with fewer runs: with few feasible trials, or stopped early on a ladder.
    total = done if state == GroupState.COMPLETED else budget
    return {"group": name, "state": state, "runs_done": done, "runs_total": total}


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
