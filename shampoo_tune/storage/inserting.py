"""Inserting one row for its key, or many in the fastest way that each engine has."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, insert


def insert_row(connection: Connection, table: Any, **values: Any) -> int:
    """Insert one row; returns its id."""
    key = connection.execute(insert(table), values).inserted_primary_key
    if key is None:
        raise AssertionError("an insert of one row has a key")
    return int(key[0])


def insert_rows(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows of numbers and texts into the table of that name, in the order of `columns`.

    SQLite repeats one prepared statement, PostgreSQL copies. Both are part of the connection's
    transaction.
    """
    names = ", ".join(columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        listed = [tuple(row) for row in rows]
        if listed:
            connection.exec_driver_sql(
                f"insert into {table} ({names}) values ({marks})",  # noqa: S608  (our own names)
                listed,
            )
        return
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"copy {table} ({names}) from stdin") as copy:
        for row in rows:
            copy.write_row(row)
