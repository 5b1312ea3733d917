"""Opening a database: engine, pragmas, creation and the version check."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, OperationalError

from shampoo_tune.errors import (
    DatabaseVersionError,
    InvalidInputError,
    NotFoundError,
    ShampooTuneError,
)
from shampoo_tune.storage.tables import SCHEMA_VERSION, Base, SchemaVersion
from shampoo_tune.storage.views import VIEWS


class Database:
    """A database of the current schema version. Use as a context manager, or `close` it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: committed at the end, rolled back if the block raises."""
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of the database."""
        with self._engine.connect().execution_options(read_only=True) as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def create_or_open(url: str) -> Database:
    """Open the database, creating it first where there is none.

    Raises:
        InvalidInputError: the address is not one, or cannot be reached.
        DatabaseVersionError: another schema version wrote it.
    """
    engine = _make_engine(_parse(url))
    with _usable(engine), engine.begin() as connection:
        if not inspect(connection).has_table("schema_version"):
            Base.metadata.create_all(connection)
            connection.execute(insert(SchemaVersion).values(version=SCHEMA_VERSION))
            for statement in VIEWS:
                connection.execute(text(statement))
        _check_version(connection)
    return Database(engine)


def open_existing(url: str) -> Database:
    """Open a database for reading; nothing is created.

    Raises:
        NotFoundError: there is none.
        InvalidInputError: the address is not one, or cannot be reached.
        DatabaseVersionError: another schema version wrote it.
    """
    parsed = _parse(url)
    path = parsed.database
    if parsed.get_backend_name() == "sqlite" and path and not Path(path).exists():
        raise NotFoundError(f"there is no database at {path}; `shampoo-tune launch` makes one")
    engine = _make_engine(parsed)
    with _usable(engine), Database(engine).read() as connection:
        if not inspect(connection).has_table("schema_version"):
            raise NotFoundError(f"{parsed.render_as_string()} holds no studies yet")
        _check_version(connection)
    return Database(engine)


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError:
        raise InvalidInputError(
            "--db needs an address such as sqlite:///shampoo-tune.db or "
            f"postgresql+psycopg://user@host/name, got {url!r}"
        ) from None


def _make_engine(url: URL) -> Engine:
    try:
        if url.get_backend_name() != "sqlite":
            return create_engine(url)
    except (ModuleNotFoundError, ArgumentError) as error:
        raise InvalidInputError(f"cannot use {url.render_as_string()}: {error}") from None
    engine = create_engine(url, connect_args={"timeout": 60})
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: sqlite3.Connection, record: Any) -> None:
    # SQLAlchemy begins transactions itself (`_begin_sqlite`); the driver must not.
    connection.isolation_level = None
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("pragma foreign_keys = on")


def _begin_sqlite(connection: Connection) -> None:
    """Writers take the write lock at once, so that two never deadlock half way."""
    read_only = connection.get_execution_options().get("read_only")
    connection.exec_driver_sql("begin" if read_only else "begin immediate")


@contextmanager
def _usable(engine: Engine) -> Iterator[None]:
    """Closes what was opened if the block finds that the database cannot be used."""
    try:
        yield
    except OperationalError as error:
        engine.dispose()
        url = engine.url.render_as_string(hide_password=True)
        raise InvalidInputError(f"cannot open the database {url}: {error.orig}") from None
    except ShampooTuneError:
        engine.dispose()
        raise


def _check_version(connection: Connection) -> None:
    version = connection.scalar(select(SchemaVersion.version))
    if version != SCHEMA_VERSION:
        raise DatabaseVersionError(
            f"the database has schema version {version}, this program needs {SCHEMA_VERSION}: use "
            "the version of shampoo-tune that wrote it, or name another database with --db"
        )
