"""Opening a database, for writing or only for reading."""

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from sqlalchemy import Connection
from sqlalchemy.engine import URL

from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage.addresses import is_sqlite, parse_address, shown
from shampoo_tune.storage.engines import reader_engine, writer_engine
from shampoo_tune.storage.failures import reached, told_clearly
from shampoo_tune.storage.schema_version import check_version, schema_version


class Reader:
    """A database that is only read. Use as a context manager, or `close` it."""

    def __init__(self, url: URL) -> None:
        self.url = url
        self._reader = reader_engine(url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of the database; it can write nothing.

        Raises:
            StorageError: the database cannot be used any more.
        """
        with told_clearly(self.url), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def outside_transactions(self) -> Iterator[sqlite3.Connection]:
        """SQLite's own connection, for statements that it refuses within a transaction.

        Raises:
            StorageError: the database cannot be used any more.
        """
        with told_clearly(self.url), contextlib.closing(self._reader.raw_connection()) as raw:
            driver = raw.driver_connection
            if not isinstance(driver, sqlite3.Connection):
                raise AssertionError("only SQLite needs this")
            yield driver

    def close(self) -> None:
        """Close all connections."""
        self._reader.dispose()


class Database(Reader):
    """A database of the current schema version that is also written."""

    def __init__(self, url: URL) -> None:
        super().__init__(url)
        self._writer = writer_engine(url)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back if the block raises.

        Raises:
            StorageError: the database cannot be used any more, or its disk is full.
        """
        with told_clearly(self.url), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        super().close()
        # Last: SQLite's last connection empties its log into the file, unless it may only read.
        self._writer.dispose()


def create_or_open(address: str) -> Database:
    """Open the database for writing, creating it first where there is none.

    Raises:
        InvalidInputError: the address is not one, or cannot be reached.
        DatabaseVersionError: it needs `db upgrade`.
        ShampooTuneError: a newer program wrote it.
    """
    url = parse_address(address)
    if not _exists(url) or schema_of(url) is None:
        # Alembic, which nobody needs to go on with a database.
        from shampoo_tune.storage.migrating import migrate

        migrate(url)
    return Database(url)


def open_existing(address: str) -> Reader:
    """Open a database for reading; nothing is created.

    Raises:
        NotFoundError: there is none.
        InvalidInputError: the address is not one, or cannot be reached.
        DatabaseVersionError: it needs `db upgrade`.
        ShampooTuneError: a newer program wrote it.
    """
    return Reader(_existing(address))


def open_for_writing(address: str) -> Database:
    """Open a database for writing; nothing is created. Raises as `open_existing` does."""
    return Database(_existing(address))


def _existing(address: str) -> URL:
    url = parse_address(address)
    require_file(url)
    if schema_of(url) is None:
        raise NotFoundError(f"{shown(url)} holds no studies yet")
    return url


def require_file(url: URL) -> None:
    """Raises NotFoundError if the address names a file that does not exist."""
    if not _exists(url):
        raise NotFoundError(
            f"there is no database at {url.database}; `shampoo-tune launch` makes one"
        )


def _exists(url: URL) -> bool:
    return not is_sqlite(url) or Path(url.database or "").exists()


def schema_of(url: URL) -> int | None:
    """The schema version of a database that exists; None if it has no tables.

    Raises:
        InvalidInputError: it cannot be reached.
        DatabaseVersionError: it needs `db upgrade`.
        ShampooTuneError: a newer program wrote it.
    """
    engine = reader_engine(url)
    try:
        with reached(url), engine.connect() as connection:
            version = schema_version(connection)
    finally:
        engine.dispose()
    if version is not None:
        check_version(version, shown(url))
    return version
