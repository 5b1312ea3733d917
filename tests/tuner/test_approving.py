"""What is approved stays what it was, whatever becomes of its study."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.errors import ConditionNotMetError, InvalidInputError
from shampoo_tune.storage import lease
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.tuner.approving import approve
from shampoo_tune.tuner.lookup import best_of, champion_of
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import PretendedLaboratory

STUDY = "quick/nesterov"
THREE = quick_study("budget.studies=3")


def formula(point: dict[str, Any], seed: int) -> float:
    return float(0.8 + 0.3 * point["learning_rate"] + 0.001 * (seed % 7))


def run(folder: Path, runs: int | None = None) -> str:
    """The address of a database in which so many runs were trained."""
    laboratory = PretendedLaboratory(folder)
    laboratory.run(THREE, formula, runs=runs)
    laboratory.close()
    return f"sqlite:///{folder / 'study.db'}"


def test_the_champion_is_what_was_approved_though_its_group_goes_on(tmp_path: Path) -> None:
    with create_or_open(run(tmp_path, runs=45)) as database:
        before = best_of(database, STUDY, provisional=False).to_document()
        approved = approve(database, STUDY, "good enough")
    with create_or_open(run(tmp_path)) as database:
        found = champion_of(database, STUDY)
        after = best_of(database, STUDY, provisional=False).to_document()
        assert repr(found.document) == repr(before)
        assert after["evidence"] != before["evidence"]  # of three studies by now
        assert found.approval.digest == approved.digest == before["digest"]
        assert (found.approval.study, found.approval.note) == (STUDY, "good enough")
        assert "@" in found.approval.author
        approve(database, STUDY, None)
        assert champion_of(database, STUDY).document == after


def test_it_needs_no_lease(tmp_path: Path) -> None:
    with create_or_open(run(tmp_path, runs=45)) as database:
        with database.write() as connection:
            held = lease.acquire(connection, 1)
        approve(database, STUDY, None)
        with database.write() as connection:
            lease.heartbeat(connection, held)


def test_a_provisional_winner_is_not_approved(tmp_path: Path) -> None:
    with create_or_open(run(tmp_path, runs=12)) as database:
        with pytest.raises(ConditionNotMetError, match="its winner is provisional"):
            approve(database, STUDY, None)
        with database.read() as connection:
            assert connection.scalar(text("select count(*) from approvals")) == 0


def test_a_row_that_was_changed_is_noticed(tmp_path: Path) -> None:
    with create_or_open(run(tmp_path, runs=45)) as database:
        approve(database, STUDY, None)
        with database.write() as connection:
            changed = "update approvals set document = replace(document, '0.9', '0.95')"
            connection.execute(text(changed))
        with pytest.raises(InvalidInputError, match=r"quick/nesterov@champion does not match"):
            champion_of(database, STUDY)
