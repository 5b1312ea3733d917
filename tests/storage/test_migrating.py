"""Migrations: old data are kept, all or nothing, on both engines."""

import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, insert, text
from sqlalchemy.exc import DBAPIError

from shampoo_tune.errors import GroupBusyError, ShampooTuneError
from shampoo_tune.storage import checking, lease, requests
from shampoo_tune.storage.addresses import parse_address
from shampoo_tune.storage.database import Database, create_or_open, open_existing
from shampoo_tune.storage.migrating import migrate
from shampoo_tune.storage.schema_version import SCHEMA_VERSION
from shampoo_tune.storage.tables import Base
from shampoo_tune.storage.views import VIEWS as VIEW_DEFINITIONS
from tests.storage.old_databases import OLD_VERSIONS, restore

old_versions = pytest.mark.parametrize("version", OLD_VERSIONS)

# What the views of version 1 told; later versions add columns.
VIEWS = {
    "v1_studies": "study, group_name, arm, replicate, workload, metric, goal, target, steps, "
    "trials, finalists, seeds, state",
    "v1_trials": "study, trial, state, reason, objective, search_value, best_value, seconds",
    "v1_trial_parameters": "study, trial, name, value_number, value_text",
    "v1_curves": "study, trial, phase, seed, step, metric, value",
    "v1_seed_medians": "study, trial, phase, metric, seeds, infeasible, reached, median, ci_low, "
    "ci_high, median_steps_to_target",
    "v1_steps_to_target": "study, trial, phase, seed, steps",
}


@pytest.fixture
def old_url(version: int, url: str, tmp_path: Path) -> str:
    """The database of an older version; on PostgreSQL its rows in that version's tables."""
    address = restore(version, tmp_path / "old.db")
    if url.startswith("sqlite"):
        return address
    migrate(parse_address(url), to=version)
    source, target = create_engine(address), create_engine(url)
    tables = MetaData()
    tables.reflect(source)
    with source.connect() as rows, target.begin() as connection:
        for table in tables.sorted_tables:
            found = [dict(row._mapping) for row in rows.execute(table.select())]
            if found and table.name not in ("schema_version", "alembic_version"):
                connection.execute(insert(table), found)
    source.dispose()
    target.dispose()
    return url


def answers(address: str) -> dict[str, list[tuple[Any, ...]]]:
    """What every view tells, in an order that engines agree on."""
    engine = create_engine(address)
    told = {}
    with engine.connect() as connection:
        for view, columns in VIEWS.items():
            rows = connection.execute(text(f"select {columns} from {view}"))  # noqa: S608
            told[view] = sorted(map(tuple, rows), key=repr)
    engine.dispose()
    return told


@old_versions
def test_an_old_database_tells_the_same_once_upgraded(
    version: int, old_url: str, tmp_path: Path
) -> None:
    before = answers(restore(version, tmp_path / "untouched.db"))
    assert migrate(parse_address(old_url)) == (version, SCHEMA_VERSION)
    assert answers(old_url) == before
    assert all(before.values())
    with open_existing(old_url) as database, database.read() as connection:
        assert [c for c in checking.check(connection) if c.problems] == []
        states = connection.scalars(text("select distinct state from v1_trials")).all()
        assert set(states) == {"completed", "infeasible"}


@old_versions
def test_facts_are_kept_and_shared(version: int, old_url: str) -> None:
    migrate(parse_address(old_url))
    with open_existing(old_url) as database, database.read() as connection:
        count = text("select count(*), count(distinct facts_id) from attempts")
        attempts, kinds = connection.execute(count).one()
        facts = connection.scalars(text("select cast(facts as text) from execution_facts")).all()
    assert attempts > kinds == len(facts)
    assert all('"laboratory"' in text for text in facts)


@old_versions
def test_migrations_make_the_tables_of_the_models(version: int, old_url: str) -> None:
    assert migrate(parse_address(old_url)) == (version, SCHEMA_VERSION)
    engine = create_engine(old_url)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    engine.dispose()


@pytest.mark.parametrize(("version", "engine"), [(version, "sqlite") for version in OLD_VERSIONS])
def test_an_upgraded_file_has_the_schema_of_a_new_one(
    version: int, old_url: str, tmp_path: Path
) -> None:
    """To the letter: keys, checks, clustering and indexes, which `compare_metadata` passes over."""
    migrate(parse_address(old_url))
    new = f"sqlite:///{tmp_path / 'new.db'}"
    create_or_open(new).close()
    assert schema(old_url) == schema(new), version


def schema(address: str) -> set[tuple[str, ...]]:
    """Every statement as its parts, for the order of a table's constraints means nothing."""
    connection = sqlite3.connect(address.removeprefix("sqlite:///"))
    rows = connection.execute("select sql from sqlite_master where sql is not null").fetchall()
    connection.close()
    texts = [" ".join(re.sub(r"[\"()]", " ", sql).split()) for (sql,) in rows]
    return {tuple(sorted(part.strip() for part in text.split(","))) for text in texts}


@old_versions
def test_the_group_can_be_owned_again(version: int, old_url: str) -> None:
    assert migrate(parse_address(old_url))[0] == version
    with create_or_open(old_url) as database, database.write() as connection:
        held = lease.acquire(connection, 1)
        lease.heartbeat(connection, held)


@old_versions
def test_a_failing_migration_leaves_the_database_as_it_was(
    version: int, old_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = answers(old_url) if old_url.startswith("sqlite") else None
    monkeypatch.setitem(VIEW_DEFINITIONS, "v1_broken", "create nonsense")
    with pytest.raises(DBAPIError, match="nonsense"):
        migrate(parse_address(old_url))
    monkeypatch.undo()
    if before:  # there were views
        assert answers(old_url) == before
    assert migrate(parse_address(old_url)) == (version, SCHEMA_VERSION)


def test_rows_that_refer_to_nothing_stop_the_migration(tmp_path: Path) -> None:
    address = restore(2, tmp_path / "old.db")
    connection = sqlite3.connect(tmp_path / "old.db")
    connection.execute("delete from trials where id = 1")  # foreign keys are off by default
    connection.commit()
    connection.close()
    with pytest.raises(ShampooTuneError, match="refer to rows that do not exist"):
        migrate(parse_address(address))
    assert answers(address)["v1_studies"]


def test_a_living_controller_is_not_disturbed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = restore(2, tmp_path / "old.db")
    monkeypatch.setattr(requests, "newest_request", lambda *_: 0)  # its version has no such table
    with Database(parse_address(address)) as database, database.write() as connection:
        held = lease.acquire(connection, 1)
    with pytest.raises(GroupBusyError, match="is running this group"):
        migrate(parse_address(address))
    with Database(parse_address(address)) as database, database.write() as connection:
        lease.release(connection, held)
    assert migrate(parse_address(address)) == (2, SCHEMA_VERSION)


def test_a_second_time_changes_nothing(url: str) -> None:
    assert migrate(parse_address(url)) == (None, SCHEMA_VERSION)
    assert migrate(parse_address(url)) == (SCHEMA_VERSION, SCHEMA_VERSION)


def test_a_database_of_a_later_version_is_refused(url: str) -> None:
    with create_or_open(url) as database, database.write() as connection:
        connection.execute(text("update alembic_version set version_num = '0099'"))
    with pytest.raises(ShampooTuneError, match="use a newer shampoo-tune"):
        migrate(parse_address(url))
