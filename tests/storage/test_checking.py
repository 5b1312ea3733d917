"""`db check` finds what is broken, and nothing in a database that is whole."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.storage.checking import check
from shampoo_tune.storage.database import create_or_open, open_existing


def problems(database: Any) -> list[str]:
    with database.read() as connection:
        return [problem for c in check(connection) for problem in c.problems]


def test_a_whole_database_has_no_problems(make_filled: Any) -> None:
    filled = make_filled()
    filled.add_final_runs([0.1, None, 0.3])
    assert problems(filled.database) == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("delete from trial_parameters where trial_id = 2", "g/shampoo trial 1"),
        ("delete from run_metrics where run_id = 4", "g/shampoo seed 200000 is completed"),
        ("update run_metrics set final_value = 0.5", "g/shampoo seed 200000 valid_loss"),
        ("update run_metrics set best_value = 0.75", "g/shampoo seed 200000 train_loss"),
        ("update seed_medians set median = 0.5", "g/shampoo trial 0 final valid_accuracy"),
        ("delete from seed_medians where phase = 'final'", "g/shampoo trial 0 final valid_loss"),
        ("delete from measurements where step = 10", "g/shampoo seed 200000 valid_accuracy"),
        (
            "update runs set state = 'infeasible' where id = 4",
            "g/shampoo seed 200000 is infeasible",
        ),
        ("update attempts set state = 'lost'", "g/shampoo seed 200001 is infeasible"),
        ("update attempts set state = 'running' where id = 1", "g/shampoo seed 200000 attempt 1"),
        ("drop view v1_best_configs", "the view v1_best_configs is missing"),
        ("alter table runs add column extra integer", "extra"),
        ("drop index runs_by_state", "runs_by_state"),
    ],
)
def test_damage_is_found_and_named(make_filled: Any, damage: str, found: str) -> None:
    filled = make_filled()
    filled.add_final_runs([0.1, None])
    with filled.database.write() as connection:
        connection.execute(text(damage))
    assert any(found in problem for problem in problems(filled.database))


def test_many_problems_of_a_kind_are_counted(make_filled: Any) -> None:
    filled = make_filled()
    filled.add_final_runs([0.1] * 9)
    with filled.database.write() as connection:
        connection.execute(text("delete from run_metrics"))
    with filled.database.read() as connection:
        (found,) = [c.problems for c in check(connection) if c.rule.startswith("every completed")]
    assert len(found) == 6
    assert found[-1] == "and 4 more"


def test_a_damaged_file_is_found(tmp_path: Path) -> None:
    path = tmp_path / "study.db"
    create_or_open(f"sqlite:///{path}").close()
    connection = sqlite3.connect(path)
    (root,) = connection.execute(
        "select rootpage from sqlite_master where name = 'measurements'"
    ).fetchone()
    (size,) = connection.execute("pragma page_size").fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    content[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(content)
    with open_existing(f"sqlite:///{path}") as database, database.read() as reader:
        (file,) = [c for c in check(reader) if c.rule == "the file is sound"]
    assert file.problems


def test_rows_that_refer_to_nothing_are_found(tmp_path: Path) -> None:
    create_or_open(f"sqlite:///{tmp_path / 'study.db'}").close()
    connection = sqlite3.connect(tmp_path / "study.db")
    connection.execute("insert into trials values (1, 77, 0, '{}', '{}')")
    connection.commit()
    connection.close()
    with open_existing(f"sqlite:///{tmp_path / 'study.db'}") as database:
        found = problems(database)
    assert "row 1 of trials refers to a row of studies that does not exist" in found
