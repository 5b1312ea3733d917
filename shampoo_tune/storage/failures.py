"""What a database's driver reports while it is used, as an error for people."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import URL
from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, ProgrammingError

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.storage.addresses import shown
from shampoo_tune.storage.engines import BUSY_SECONDS

_CONTINUES = "nothing that was stored is lost, and the same command continues"
_FREE_SPACE = f"there is no space left: free some; {_CONTINUES}"
# What drivers say, in either engine's words, and what it means for the user.
_REMEDIES = (
    (("is full", "disk full", "no space left", "could not extend file"),
     _FREE_SPACE),
    (("is locked", "lock timeout"),
     f"another process has been writing for over {BUSY_SECONDS} s: wait for it, or stop it"),
    (("malformed", "not a database"),
     "the file is damaged: `shampoo-tune db check` says where; restore a backup"),
    (("readonly", "read-only"), "it can only be read: check its permissions"),
    (("disk i/o error", "unable to open"), f"check the path and the disk; {_CONTINUES}"),
    (("connection", "shutting down", "starting up", "too many clients"),
     f"check the server; {_CONTINUES}"),
)  # fmt: skip


class StorageError(ShampooTuneError):
    """The database cannot be used any more: its disk is full, its server gone, its file damaged."""


@contextmanager
def told_clearly(url: URL) -> Iterator[None]:
    """Turns what a driver reports of its database into a StorageError; our own mistakes stay."""
    try:
        yield
    except DatabaseError as error:
        remedy = _remedy(error)
        if remedy is None or isinstance(error, (IntegrityError, ProgrammingError)):
            raise
        raise _storage_error(url, error, remedy) from error


@contextmanager
def reached(url: URL) -> Iterator[None]:
    """A database that cannot be opened at all is a matter of its address: an InvalidInputError.

    Unless there is no space to open it, which is a StorageError.
    """
    try:
        yield
    except DatabaseError as error:
        if _remedy(error) == _FREE_SPACE:
            raise _storage_error(url, error, _FREE_SPACE) from error
        raise InvalidInputError(f"cannot open the database {shown(url)}: {_said(error)}") from error


def _storage_error(url: URL, error: DBAPIError, remedy: str) -> StorageError:
    return StorageError(f"the database {shown(url)}: {_said(error)}: {remedy}")


def _said(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split())  # drivers may say it in several lines


def _remedy(error: DBAPIError) -> str | None:
    said = _said(error).lower()
    return next((r for words, r in _REMEDIES if any(word in said for word in words)), None)
