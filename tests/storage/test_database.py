"""Opening, creating and refusing databases."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from shampoo_tune.errors import (
    DatabaseVersionError,
    InvalidInputError,
    NotFoundError,
    ShampooTuneError,
)
from shampoo_tune.storage.database import Database, Reader, create_or_open, open_existing
from shampoo_tune.storage.failures import StorageError
from shampoo_tune.storage.schema_version import SCHEMA_VERSION

only_sqlite = pytest.mark.parametrize("engine", ["sqlite"])
Opener = Callable[[str], Reader]


def test_creating_twice_opens_the_same_database(url: str) -> None:
    create_or_open(url).close()
    with create_or_open(url) as database, database.read() as connection:
        assert connection.scalar(text("select count(*) from alembic_version")) == 1


@only_sqlite
def test_a_closed_database_is_one_file(url: str, tmp_path: Path) -> None:
    """What a user copies is whole."""
    with create_or_open(url) as database:
        with database.write() as connection:
            connection.execute(text("update groups set name = name"))
        with database.read() as connection:
            connection.scalar(text("select count(*) from groups"))
    (file,) = (path for path in tmp_path.iterdir() if ".db" in path.name)
    assert file.suffix == ".db"


@only_sqlite
def test_sqlite_survives_power_cuts_and_lets_readers_read(url: str) -> None:
    with create_or_open(url) as database, database.write() as writer, database.read() as reader:
        assert writer.scalar(text("pragma journal_mode")) == "wal"
        assert writer.scalar(text("pragma synchronous")) == 2  # full
        assert writer.scalar(text("pragma foreign_keys")) == 1
        assert writer.scalar(text("pragma busy_timeout")) == 60_000
        assert reader.scalar(text("select count(*) from runs")) == 0


@only_sqlite
def test_a_place_where_sqlite_cannot_be_durable_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect

    class Careless(sqlite3.Connection):
        """As on a file system that cannot share memory: WAL is declined without an error."""

        def execute(self, statement: str, *parameters: object) -> sqlite3.Cursor:
            return super().execute(statement.replace("= wal", "= delete"), *parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(
        sqlite3.dbapi2, "connect", lambda *a, **k: connect(*a, **k, factory=Careless)
    )
    with pytest.raises(InvalidInputError, match=r"journal mode delete.*local disk, or PostgreSQL"):
        create_or_open(url)


def test_what_is_written_is_seen_by_readers_once_it_is_committed(url: str) -> None:
    count = text("select count(*) from median_ranks")
    with create_or_open(url) as database:
        with database.read() as before:
            assert before.scalar(count) == 0
            with database.write() as writer:
                writer.execute(text("insert into median_ranks values (1, null)"))
            assert before.scalar(count) == 0  # one consistent view, whatever others do
        with database.read() as after:
            assert after.scalar(count) == 1


def test_a_failed_transaction_leaves_nothing(url: str) -> None:
    database = create_or_open(url)

    def fail_half_way() -> None:
        with database.write() as connection:
            connection.execute(text("insert into median_ranks values (1, null)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_half_way()
    with database, database.read() as connection:
        assert connection.scalar(text("select count(*) from median_ranks")) == 0


@pytest.mark.parametrize("statement", ["delete from runs", "create table x (y integer)"])
def test_a_reader_cannot_write(url: str, statement: str) -> None:
    create_or_open(url).close()
    with (
        open_existing(url) as database,
        pytest.raises(StorageError, match="can only be read"),
        database.read() as connection,
    ):
        connection.execute(text(statement))


def test_reading_never_creates_a_database(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no database"):
        open_existing(f"sqlite:///{tmp_path / 'none.db'}")
    assert list(tmp_path.iterdir()) == []


def test_a_database_without_studies_is_told_apart(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("create table other (x integer)"))
    engine.dispose()
    with pytest.raises(NotFoundError, match="holds no studies"):
        open_existing(url)


@pytest.mark.parametrize("opener", [create_or_open, open_existing])
def test_an_older_database_is_refused_with_the_command(url: str, opener: Opener) -> None:
    set_version(url, SCHEMA_VERSION - 1)
    told = rf"version {SCHEMA_VERSION - 1}.*shampoo-tune db upgrade --db"
    with pytest.raises(DatabaseVersionError, match=told):
        opener(url)


@pytest.mark.parametrize("opener", [create_or_open, open_existing])
def test_a_newer_database_is_refused(url: str, opener: Opener) -> None:
    set_version(url, SCHEMA_VERSION + 1)
    with pytest.raises(ShampooTuneError, match="use a newer shampoo-tune") as refusal:
        opener(url)
    assert refusal.value.exit_code == 1  # `db upgrade` cannot help


def set_version(url: str, version: int) -> None:
    with create_or_open(url) as database, database.write() as connection:
        query = text("update alembic_version set version_num = :version")
        connection.execute(query, {"version": f"{version:04}"})


@pytest.mark.parametrize(
    "address",
    [
        "nonsense",
        "sqlite:////no/such/folder/x.db",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://user@host/name",
        "postgresql://user@host/name?no_such_option=1",
        "postgresql://nobody@localhost:1/none",
    ],
)
def test_an_unusable_address_is_a_usage_error(address: str) -> None:
    with pytest.raises(InvalidInputError):
        create_or_open(address)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql+nodriver://user:hunter2@localhost/x",
        "postgresql://user:hunter2@localhost:1/x",
        "postgres://user:hunter2@localhost:1/x",
        "postgresql//user:hunter2@localhost/x",
        "user:hunter2@localhost",
    ],
)
@pytest.mark.parametrize("opener", [create_or_open, open_existing])
def test_passwords_are_masked(address: str, opener: Opener) -> None:
    with pytest.raises(InvalidInputError) as error:
        opener(address)
    told: BaseException | None = error.value
    assert "hunter2" not in str(told)
    assert "***" in str(told)


def test_two_writers_take_turns(url: str) -> None:
    """On SQLite the second waits from its first statement, so neither can fail half way."""
    with create_or_open(url) as one, create_or_open(url) as other:
        for database in (one, other, one):
            add_one(database)
        with one.read() as connection:
            assert connection.scalar(text("select n from median_ranks")) == 3


def add_one(database: Database) -> None:
    with database.write() as connection:
        n = connection.scalar(text("select n from median_ranks"))
        if n is None:
            connection.execute(text("insert into median_ranks values (1, null)"))
        else:
            connection.execute(text("update median_ranks set n = n + 1"))
