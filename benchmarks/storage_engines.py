"""Where the benchmark makes its databases: files of a folder, or a PostgreSQL server."""

# SQLAlchemy is imported where it is used: a child process shall have only what it needs.
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from sqlalchemy import URL


class Engine(Protocol):
    """Where databases are made."""

    name: str
    by_cpu: bool  # whether CPU time of this process is all that a question takes

    def make(self, name: str) -> str:
        """The address of a new and empty database."""

    def settle(self, address: str) -> float:
        """Do what the engine does by itself some time after many rows; returns megabytes."""


class SqliteFolder:
    """Files of a folder."""

    name, by_cpu = "SQLite", True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, name: str) -> str:
        """The address of a file that does not exist."""
        return f"sqlite:///{self._folder / name}.db"

    def settle(self, address: str) -> float:
        """The megabytes of the file, and of its log if it was not closed."""
        path = Path(address.removeprefix("sqlite:///"))
        return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*")) / 1e6


class PostgresqlServer:
    """Databases of a server, which are dropped at the end."""

    name, by_cpu = "PostgreSQL", False

    def __init__(self, address: str) -> None:
        from sqlalchemy import make_url

        self._url = make_url(address).set(drivername="postgresql+psycopg")
        self._made: list[str] = []

    def make(self, name: str) -> str:
        """The address of a new database."""
        database = f"shampoo_tune_benchmark_{name}"
        _execute(self._url, f"create database {database}")
        self._made.append(database)
        return self._url.set(database=database).render_as_string(hide_password=False)

    def settle(self, address: str) -> float:
        """Vacuum and analyze, which the server itself does within minutes; the megabytes."""
        from sqlalchemy import make_url

        _execute(make_url(address), "vacuum analyze")
        size = "select pg_database_size(current_database())"
        return float(_execute(make_url(address), size)) / 1e6

    def close(self) -> None:
        """Drop the databases."""
        for database in self._made:
            _execute(self._url, f"drop database {database} with (force)")


def _execute(url: "URL", statement: str) -> Any:
    """Run a statement outside transactions; returns the one value of its result, if it has one."""
    from sqlalchemy import NullPool, create_engine

    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        result = connection.exec_driver_sql(statement)
        return result.scalar() if result.returns_rows else None


@contextmanager
def opened_engine(name: str, address: str | None) -> Iterator[Engine]:
    """An engine by its name on the command line, and its server's address, if it has one."""
    from benchmarks.postgresql import local_server

    with ExitStack() as stack:
        if name == "sqlite":
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            yield SqliteFolder(Path(folder))
            return
        server = PostgresqlServer(address or stack.enter_context(local_server()).address)
        stack.callback(server.close)
        yield server
