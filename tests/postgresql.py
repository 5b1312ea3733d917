"""A real PostgreSQL server for tests, started by them unless SHAMPOO_TUNE_TEST_PG_URL names one."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, create_engine, make_url

from benchmarks.postgresql import local_server


class Server:
    """Makes databases on a server; those that it made are dropped by `close`."""

    def __init__(self, url: URL) -> None:
        self._url = url.set(drivername="postgresql+psycopg")
        self._numbers = itertools.count()
        self._made: list[str] = []

    def make_database(self, template: str = "template0") -> str:
        """The address of a new database, a copy of another that nobody is connected to."""
        name = f"shampoo_tune_test_{os.getpid()}_{next(self._numbers)}"
        source = make_url(template).database if "://" in template else template
        self._execute(f"create database {name} template {source}")
        self._made.append(name)
        return self._url.set(database=name).render_as_string(hide_password=False)

    def hurry(self) -> None:
        """Do not wait for the disk: processes are killed in tests, but nobody pulls the plug."""
        self._execute("alter system set fsync = off")
        self._execute("select pg_reload_conf()")

    def close(self) -> None:
        for name in self._made:
            self._execute(f"drop database {name} with (force)")

    def _execute(self, statement: str) -> None:
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


@contextmanager
def running_server() -> Iterator[Server]:
    """A server for as long as the block runs."""
    address = os.environ.get("SHAMPOO_TUNE_TEST_PG_URL")
    if address:
        server = Server(make_url(address))
        yield server
        server.close()
        return
    with local_server() as local:
        server = Server(make_url(local.address))
        server.hurry()
        yield server
