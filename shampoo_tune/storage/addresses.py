"""Addresses of databases: checked, and shown without their passwords."""

import os
import re
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage import DEFAULT_ADDRESS

# Names that providers and libpq use for what SQLAlchemy calls by its driver.
_POSTGRESQL = {"postgres", "postgresql"}


def parse_address(address: str) -> URL:
    """The address of a database file or server.

    Raises:
        InvalidInputError: it is not one, or of an engine that is not supported.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):  # the latter for a port that is not a number
        raise InvalidInputError(
            "--db needs an address such as sqlite:///shampoo-tune.db or "
            f"postgresql://user@host/name, got {_without_password(address)!r}"
        ) from None
    if not is_sqlite(url) and address.count("@") > 1:  # a password would be shown from the first
        raise InvalidInputError(
            f"write an @ that belongs to a name or a password as %40, in "
            f"{_without_password(address)!r}"
        )
    if url.drivername in _POSTGRESQL:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise InvalidInputError(
            f"studies are kept in SQLite or PostgreSQL, cannot use {url.render_as_string()}"
        )
    if is_sqlite(url) and url.database in (None, "", ":memory:"):
        raise InvalidInputError(
            f"a study's database is a file, as in sqlite:///shampoo-tune.db, got {shown(url)}"
        )
    return url


def address_of(database: str | Path | None) -> str:
    """What Python code names a database by, as an address.

    Args:
        database: an address, or the path of an SQLite file; None for SHAMPOO_TUNE_DB, and without
            that `sqlite:///shampoo-tune.db`.
    """
    if database is None:
        database = os.environ.get("SHAMPOO_TUNE_DB") or DEFAULT_ADDRESS
    if isinstance(database, Path) or "://" not in database:
        return URL.create("sqlite", database=str(database)).render_as_string()
    return database


def is_sqlite(url: URL) -> bool:
    """Whether the address is of a file."""
    return url.get_backend_name() == "sqlite"


def shown(url: URL) -> str:
    """The address for messages, without its password."""
    return url.render_as_string(hide_password=True)


def _without_password(text: str) -> str:
    return re.sub(r":.*@", ":***@", text)
