"""Copies all rows of one database into another that has no rows, whatever the engines."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import (
    Connection,
    Double,
    Float,
    Integer,
    Row,
    String,
    Table,
    func,
    insert,
    select,
    text,
)

from shampoo_tune.storage.inserting import insert_rows
from shampoo_tune.storage.tables import Base

_ROWS_AT_ONCE = 10_000
_PLAIN = (Integer, String, Double, Float)  # values that need no conversion


def copy_rows(source: Connection, target: Connection) -> None:
    """Copy every row with its key.

    Args:
        source: a read transaction, so that all rows are of one moment.
        target: a write transaction in a database whose tables are empty.
    """
    for table in Base.metadata.sorted_tables:
        if not table.primary_key.columns:
            raise AssertionError(f"{table.name} has no key to read by")
        for rows in _batches(source, table):
            _insert(target, table, rows)
        if target.dialect.name == "postgresql" and "id" in table.columns:
            _continue_numbers(target, table)


def _batches(source: Connection, table: Table) -> Iterator[list[Row[Any]]]:
    query = select(table).order_by(*table.primary_key.columns)
    result = source.execution_options(stream_results=True).execute(query)
    while rows := list(islice(result, _ROWS_AT_ONCE)):
        yield rows


def _insert(target: Connection, table: Table, rows: Sequence[Row[Any]]) -> None:
    if all(isinstance(column.type, _PLAIN) for column in table.columns):
        insert_rows(target, table.name, table.columns.keys(), rows)
    else:
        target.execute(insert(table), [dict(row._mapping) for row in rows])


def _continue_numbers(target: Connection, table: Table) -> None:
    """New rows are to be numbered after those that came with their numbers."""
    last = target.scalar(select(func.max(table.c.id)))
    if last is not None:
        query = text("select setval(pg_get_serial_sequence(:table, 'id'), :last)")
        target.execute(query, {"table": table.name, "last": last})
