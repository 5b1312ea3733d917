"""The same history gives the same rows of every view, types included, on both engines."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from shampoo_tune.storage.database import open_existing
from tests.storage.golden_group import write_golden_group
from tests.storage.test_views import COLUMNS

GOLDEN = Path(__file__).parent / "golden_views.json"


def rows(connection: Connection, view: str) -> list[list[Any]]:
    """All rows in an order that engines agree on; moments as a word."""
    found = [list(row) for row in connection.execute(text(f"select * from {view}"))]  # noqa: S608
    told = [["a moment" if _is_moment(v) else v for v in row] for row in found]
    return sorted(told, key=json.dumps)


def _is_moment(value: Any) -> bool:
    """SQLite returns the text that it stores."""
    return isinstance(value, datetime) or (isinstance(value, str) and value.startswith("20"))


@pytest.fixture
def connection(make_url: Any) -> Iterator[Connection]:
    address = make_url()
    write_golden_group(address)
    with open_existing(address) as database, database.read() as reader:
        yield reader


@pytest.mark.parametrize("view", COLUMNS)
def test_rows_and_their_types_are_the_golden_ones(connection: Connection, view: str) -> None:
    golden = json.loads(GOLDEN.read_text())[view]
    told = rows(connection, view)
    assert told == golden
    assert [[type(v) for v in row] for row in told] == [[type(v) for v in row] for row in golden]
