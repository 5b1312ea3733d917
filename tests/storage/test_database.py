"""Opening, creating and refusing databases."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from shampoo_tune.errors import DatabaseVersionError, InvalidInputError, NotFoundError
from shampoo_tune.storage.database import Database, create_or_open, open_existing
from shampoo_tune.storage.tables import SCHEMA_VERSION


def test_creating_twice_opens_the_same_database(url: str) -> None:
    create_or_open(url).close()
    with create_or_open(url) as database, database.read() as connection:
        assert connection.scalar(text("select count(*) from schema_version")) == 1


def test_sqlite_survives_power_cuts_and_lets_readers_read(url: str) -> None:
    with create_or_open(url) as database, database.write() as writer, database.read() as reader:
        assert writer.scalar(text("pragma journal_mode")) == "wal"
        assert writer.scalar(text("pragma synchronous")) == 2  # full
        assert reader.scalar(text("select count(*) from runs")) == 0


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
@pytest.mark.parametrize("version", [SCHEMA_VERSION - 1, SCHEMA_VERSION + 1])
def test_another_schema_version_is_refused_with_the_remedy(
    url: str, version: int, opener: Callable[[str], Database]
) -> None:
    with create_or_open(url) as database, database.write() as connection:
        connection.execute(text("update schema_version set version = :v"), {"v": version})
    with pytest.raises(DatabaseVersionError, match=f"version {version}.*that wrote it.*--db"):
        opener(url)


@pytest.mark.parametrize("address", ["nonsense", "sqlite:////no/such/folder/x.db"])
def test_an_unusable_address_is_a_usage_error(address: str) -> None:
    with pytest.raises(InvalidInputError):
        create_or_open(address)


def test_passwords_are_masked() -> None:
    with pytest.raises(InvalidInputError) as error:
        create_or_open("postgresql+nodriver://user:hunter2@localhost/x")
    assert "hunter2" not in str(error.value)
