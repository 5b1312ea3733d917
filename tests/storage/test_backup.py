"""A backup is the database of one moment, in either engine's form."""

import itertools
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage import queries, records
from shampoo_tune.storage.attempts import start_attempt
from shampoo_tune.storage.backup import back_up
from shampoo_tune.storage.checking import check
from shampoo_tune.storage.database import create_or_open, open_existing
from shampoo_tune.storage.measurements import add_measurements
from shampoo_tune.storage.seed_medians import ensure_median_ranks
from shampoo_tune.storage.tables import Base
from shampoo_tune.study import Measurement
from tests.postgresql import Server
from tests.storage.conftest import GROUP, new_study

MakeTarget = Callable[[], str]


@pytest.fixture(params=["file", "server"])
def make_target(request: pytest.FixtureRequest, tmp_path: Path) -> MakeTarget:
    """Makes targets for `back_up`: paths at which there is nothing, or empty databases."""
    if request.param == "file":
        numbers = itertools.count()
        return lambda: str(tmp_path / f"backup{next(numbers)}.db")
    server: Server = request.getfixturevalue("postgresql")
    return server.make_database


def address(target: str) -> str:
    return target if "://" in target else f"sqlite:///{target}"


def rows(url: str) -> dict[str, list[Any]]:
    """Every row of every table."""
    with open_existing(url) as database, database.read() as connection:
        return {
            name: sorted(map(tuple, connection.execute(table.select())), key=repr)
            for name, table in Base.metadata.tables.items()
        }


def test_every_row_is_in_the_backup(make_filled: Any, make_target: MakeTarget) -> None:
    filled, target = make_filled(), make_target()
    filled.add_final_runs([0.1, None, 0.3])
    url = filled.database.url.render_as_string(hide_password=False)
    with open_existing(url) as source:
        back_up(source, target)
    assert rows(address(target)) == rows(url)
    assert rows(url)["measurements"]
    with open_existing(address(target)) as database, database.read() as connection:
        assert [c for c in check(connection) if c.problems] == []


def test_a_backup_goes_on_as_the_original_would(make_filled: Any, make_target: MakeTarget) -> None:
    filled, target = make_filled(), make_target()
    filled.add_final_runs([0.1, None, 0.3])
    back_up(filled.database, target)
    with create_or_open(address(target)) as database, database.write() as connection:
        records.create_group(connection, GROUP | {"name": "h"}, [new_study(name="h/shampoo")])
        (run,) = queries.next_runs(connection, 1, 1)
        attempt = start_attempt(connection, run.run_id, {})
        add_measurements(connection, [(attempt, Measurement(5, {"valid_loss": 1.0}))])


def test_a_backup_of_a_busy_database_is_of_one_moment(
    make_filled: Any, make_target: MakeTarget
) -> None:
    """A writer stores pairs of rows; no backup holds one without the other."""
    filled, stop = make_filled(), threading.Event()
    url = filled.database.url.render_as_string(hide_password=False)

    def keep_writing() -> None:
        with create_or_open(url) as database:
            for number in itertools.count(1000, 2):
                if stop.is_set():
                    return
                with database.write() as connection:
                    ensure_median_ranks(connection, number + 1)

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        with open_existing(url) as source:
            counts = [count_after_backup(source, make_target()) for _ in range(3)]
    finally:
        stop.set()
        writer.join()
    assert [count % 2 for count in counts] == [0, 0, 0]
    assert counts == sorted(counts)


def count_after_backup(source: Any, target: str) -> int:
    back_up(source, target)
    with open_existing(address(target)) as database, database.read() as connection:
        return int(connection.scalar(text("select count(*) from median_ranks where n >= 1000")))


def test_nothing_is_replaced(make_filled: Any, make_target: MakeTarget) -> None:
    filled, target = make_filled(), make_target()
    back_up(filled.database, target)
    before = rows(address(target))
    with pytest.raises(InvalidInputError, match="already"):
        back_up(filled.database, target)
    assert rows(address(target)) == before


def test_a_backup_that_cannot_be_written_leaves_nothing(make_filled: Any, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="cannot"):
        back_up(make_filled().database, str(tmp_path / "none" / "backup.db"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["with space.db", "q?mode=x.db", "per%20cent.db", "a#b.db"])
def test_any_name_of_a_file_will_do(make_filled: Any, tmp_path: Path, name: str) -> None:
    filled = make_filled()
    back_up(filled.database, str(tmp_path / name))
    assert [path.name for path in tmp_path.iterdir()] == [name]
