"""What a question costs SQLite, counted instead of timed: the same on every machine."""

import sqlite3
from collections.abc import Callable

from sqlalchemy import Connection


def instructions(connection: Connection, ask: Callable[[Connection], object]) -> int:
    """How many instructions of SQLite's virtual machine answering takes."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    executed = 0

    def tick() -> None:
        nonlocal executed
        executed += 1

    ask(connection)  # the first question also reads what tables there are
    driver.set_progress_handler(tick, 1)
    ask(connection)
    driver.set_progress_handler(None, 1)
    return executed
