"""Which version of the tables a database has, and whether this program can use it."""

from sqlalchemy import Connection, inspect, text

from shampoo_tune.errors import DatabaseVersionError, ShampooTuneError

SCHEMA_VERSION = 4


def schema_version(connection: Connection) -> int | None:
    """The number of the last migration; None if the database holds no tables of ours."""
    tables = inspect(connection)
    if tables.has_table("alembic_version"):
        found = connection.scalar(text("select version_num from alembic_version"))
    elif tables.has_table("schema_version"):  # before there were migrations
        found = connection.scalar(text("select version from schema_version"))
    else:
        return None
    return int(found) if found is not None else None


def check_version(version: int, database: str) -> None:
    """Refuse a database that this program cannot use.

    Raises:
        DatabaseVersionError: an older program wrote it; the text has the command that upgrades it.
        ShampooTuneError: a newer program wrote it.
    """
    if version < SCHEMA_VERSION:
        raise DatabaseVersionError(
            f"{database} has schema version {version}, this program needs {SCHEMA_VERSION}: run "
            f"`shampoo-tune db upgrade --db {database}`; its data are kept"
        )
    if version > SCHEMA_VERSION:
        raise ShampooTuneError(
            f"{database} has schema version {version}, this program knows only {SCHEMA_VERSION}: "
            "use a newer shampoo-tune, or name another database with --db"
        )
