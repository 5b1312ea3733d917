"""SQLAlchemy engines: one that writes, one that can only read.

SQLite: WAL, so that readers never wait, and `synchronous=full`, so that a power cut loses no
committed transaction. PostgreSQL: readers see one snapshot; a writer that hangs in the middle of a
transaction is cut off by the server before its lease expires.
"""

import json
import os
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage.addresses import is_sqlite, shown

BUSY_SECONDS = 60  # how long SQLite waits for another process's transaction
_PAGE_BYTES = 8192
_HUNG_SECONDS = 20  # a PostgreSQL transaction that waits so long for its client is ended
_JSON = json.JSONEncoder(allow_nan=False, separators=(",", ":"))


def writer_engine(url: URL, *, foreign_keys: bool = True) -> Engine:
    """Transactions that write; on SQLite they take the write lock at once.

    Args:
        url: the parsed address.
        foreign_keys: whether SQLite checks references; only a migration goes without.

    Raises:
        InvalidInputError: the driver is not installed, or an option of the address is unknown.
    """
    if not is_sqlite(url):
        return _postgresql(url)
    engine = create_engine(
        url, connect_args={"timeout": BUSY_SECONDS}, json_serializer=_JSON.encode
    )

    def configure(connection: sqlite3.Connection, record: Any) -> None:
        _leave_transactions_to_us(connection, record)
        _make_durable(connection)
        connection.execute(f"pragma foreign_keys = {int(foreign_keys)}")

    event.listen(engine, "connect", configure)
    # At once, so that two writers never deadlock half way.
    event.listen(engine, "begin", lambda c: _begin(c, "begin immediate"))
    return engine


def reader_engine(url: URL) -> Engine:
    """Transactions that only read, each of one state of the database."""
    if not is_sqlite(url):
        engine = _postgresql(url, isolation_level="REPEATABLE READ")
        return engine.execution_options(postgresql_readonly=True)
    engine = create_engine(_read_only(url), connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _leave_transactions_to_us)
    event.listen(engine, "begin", lambda c: _begin(c, "begin"))
    return engine


def _postgresql(url: URL, **options: Any) -> Engine:
    settings = (
        f"-c idle_in_transaction_session_timeout={_HUNG_SECONDS}s -c lock_timeout={BUSY_SECONDS}s"
    )
    try:
        return create_engine(
            url,
            connect_args={"connect_timeout": 10, "options": settings},
            json_serializer=_JSON.encode,
            pool_pre_ping=True,
            **options,
        )
    except ModuleNotFoundError:
        raise InvalidInputError(
            f"{shown(url)} needs psycopg: pip install 'shampoo-tune[postgres]'"
        ) from None
    except (ArgumentError, TypeError) as error:
        raise InvalidInputError(f"cannot use {shown(url)}: {error}") from None


def _read_only(url: URL) -> URL:
    path = Path(url.database or "").absolute()
    query = {"uri": "true", "mode": "ro"}
    # A reader of a database in WAL mode keeps an index beside it. Where it cannot, as on read-only
    # media, nobody else can write either, and SQLite may be told so.
    if not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists():
        query["immutable"] = "1"
    return url.set(database=f"file:{quote(str(path))}", query=query)


def _leave_transactions_to_us(connection: sqlite3.Connection, record: Any) -> None:
    del record
    connection.isolation_level = None  # the driver begins none: `_begin` does


def _make_durable(connection: sqlite3.Connection) -> None:
    # Of a new file: configurations of a kilobyte each waste a fifth of SQLite's usual 4 kB.
    connection.execute(f"pragma page_size = {_PAGE_BYTES}")
    mode = _switch_to_wal(connection)
    connection.execute("pragma synchronous = full")
    (synchronous,) = connection.execute("pragma synchronous").fetchone()
    if (mode, synchronous) != ("wal", 2):
        raise InvalidInputError(
            f"SQLite cannot keep a database here that survives a power cut (journal mode {mode}, "
            f"synchronous {synchronous}): use a local disk, or PostgreSQL"
        )


def _switch_to_wal(connection: sqlite3.Connection) -> str:
    """Returns the journal mode. SQLite itself does not wait when another process switches too."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            (mode,) = connection.execute("pragma journal_mode = wal").fetchone()
            return str(mode)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)
