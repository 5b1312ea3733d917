"""Brings a database to the current schema version, from an older one or from nothing."""

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL

from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.storage import lease
from shampoo_tune.storage.addresses import is_sqlite, shown
from shampoo_tune.storage.engines import writer_engine
from shampoo_tune.storage.failures import reached, told_clearly
from shampoo_tune.storage.schema_version import SCHEMA_VERSION, check_version, schema_version
from shampoo_tune.storage.seed_medians import write_all_seed_medians
from shampoo_tune.storage.views import VIEWS

# Any number that nobody else locks: one process migrates a PostgreSQL database at a time.
_MIGRATION_LOCK = 7_264_120_311


def migrate(url: URL, to: int = SCHEMA_VERSION) -> tuple[int | None, int]:
    """Run the migrations that a database lacks, all in one transaction: they are done or undone.

    Views hold no data and follow the program: they are dropped before and made anew after, and
    medians over seeds are written as these say.

    Args:
        url: the parsed address; its file or database may be empty.
        to: the version to reach; views exist for the newest only.

    Returns:
        The version before, None if there were no tables, and the one after.

    Raises:
        InvalidInputError: the database cannot be reached.
        StorageError: its disk is full, for example.
        GroupBusyError: a living controller owns a group.
        ShampooTuneError: a newer program wrote it, or rows would refer to what is not there.
    """
    engine = writer_engine(url, foreign_keys=False)  # tables are replaced that others refer to
    try:
        with reached(url):
            connection = engine.connect()
        with connection, told_clearly(url), connection.begin():
            return _migrate(connection, url, to)
    finally:
        engine.dispose()


def _migrate(connection: Connection, url: URL, to: int) -> tuple[int | None, int]:
    if not is_sqlite(url):
        connection.execute(text(f"select pg_advisory_xact_lock({_MIGRATION_LOCK})"))
    before = schema_version(connection)
    if before is not None and before >= to:  # perhaps by another process just now
        check_version(before, shown(url))
        return before, before
    if before is not None:
        lease.require_no_owner(connection)
    for name in reversed(VIEWS):
        connection.execute(text(f"drop view if exists {name}"))
    _run_alembic(connection, before, to)
    if to == SCHEMA_VERSION:
        for definition in VIEWS.values():
            connection.execute(text(definition))
        write_all_seed_medians(connection)
    if is_sqlite(url):
        _check_references(connection)
    return before, to


def _run_alembic(connection: Connection, before: int | None, to: int) -> None:
    config = Config()
    config.set_main_option("script_location", "shampoo_tune.storage:migrations")
    config.attributes["connection"] = connection
    if before is not None and not connection.dialect.has_table(connection, "alembic_version"):
        command.stamp(config, revision(before))  # written before there were migrations
    command.upgrade(config, revision(to))


def revision(version: int) -> str:
    """Alembic's name of a schema version."""
    return f"{version:04}"


def _check_references(connection: Connection) -> None:
    broken = connection.exec_driver_sql("pragma foreign_key_check").all()
    if broken:
        raise ShampooTuneError(
            f"{len(broken)} rows refer to rows that do not exist, the first in table "
            f"{broken[0][0]}: the database was left as it was"
        )
