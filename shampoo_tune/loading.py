"""`shampoo_tune.load`: a best configuration from a file, or from a database by its alias."""

from pathlib import Path

from shampoo_tune.best_config import BestConfig
from shampoo_tune.best_file import read_best_file
from shampoo_tune.errors import InvalidInputError

_CHAMPION = "@champion"


def load(source: str | Path, *, db: str | Path | None = None) -> BestConfig:
    """The configuration that a study chose.

    A file needs no database, and neither way needs what tunes.

    Args:
        source: the path of a best.yaml (or of the same as JSON), or `STUDY@champion` for the
            configuration that was last approved of a study.
        db: for the latter, the database's address or the path of an SQLite file; by default
            SHAMPOO_TUNE_DB, and without that `sqlite:///shampoo-tune.db`.

    Raises:
        InvalidInputError: no such file, not a best.yaml, of another schema, or changed by hand;
            or the address is not one.
        NotFoundError: there is no such database or study, or nothing of it is approved.
    """
    name = str(source)
    if isinstance(source, str) and name.endswith(_CHAMPION):
        return _champion(name, db)
    if db is not None:
        raise InvalidInputError(f"db goes with STUDY{_CHAMPION}, and {name!r} is a file")
    return read_best_file(Path(source))


def _champion(name: str, db: str | Path | None) -> BestConfig:
    from shampoo_tune.storage.addresses import address_of
    from shampoo_tune.storage.approvals import champion
    from shampoo_tune.storage.database import open_existing

    with open_existing(address_of(db)) as database, database.read() as connection:
        approved = champion(connection, name.removesuffix(_CHAMPION))
    return BestConfig.from_document(approved.document, name)
