"""A consistent copy of a database, also while studies run in it."""

import os
import sqlite3
from pathlib import Path

from sqlalchemy.engine import URL

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage.addresses import is_sqlite, parse_address, shown
from shampoo_tune.storage.copying import copy_rows
from shampoo_tune.storage.database import Database, Reader, schema_of
from shampoo_tune.storage.migrating import migrate


def back_up(source: Reader, target: str) -> None:
    """Copy a database into a new file, or into an empty database.

    Args:
        source: the database.
        target: a path, at which there must be nothing; or an address, as `--db` takes it, of a
            database without tables.

    Raises:
        InvalidInputError: the target is not new, or cannot be written.
        StorageError: either database cannot be used any more.
    """
    url = parse_address(target) if "://" in target else _file(Path(target))
    if not is_sqlite(url):
        if schema_of(url) is not None:
            raise InvalidInputError(f"{shown(url)} holds tables already: name an empty database")
        _copy(source, url)
        return
    path = Path(url.database or "")
    if path.exists():
        raise InvalidInputError(f"{path} exists already: choose another name")
    partial = path.with_name(f"{path.name}.part")
    partial.unlink(missing_ok=True)
    try:
        _write_file(source, partial)
        _publish(partial, path)
    except OSError as error:
        raise InvalidInputError(f"cannot write {path}: {error.strerror}") from error
    finally:
        partial.unlink(missing_ok=True)


def _write_file(source: Reader, path: Path) -> None:
    if not is_sqlite(source.url):
        _copy(source, _file(path))
        return
    # SQLite's own way: one moment's state, without the pages that are free.
    with source.outside_transactions() as connection:
        try:
            connection.execute("vacuum into ?", (str(path),))
        except sqlite3.Error as error:
            raise InvalidInputError(f"cannot write {path}: {error}") from error


def _file(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))


def _copy(source: Reader, url: URL) -> None:
    migrate(url)
    with Database(url) as target, source.read() as rows, target.write() as connection:
        copy_rows(rows, connection)


def _publish(partial: Path, path: Path) -> None:
    """Give a file that is wholly on disk its name; never replaces another."""
    descriptor = os.open(partial, os.O_RDONLY)
    os.fsync(descriptor)
    os.close(descriptor)
    os.link(partial, path)
