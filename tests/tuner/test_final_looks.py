"""Final seeds come in looks on a ladder, and all at once everywhere else."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, Row

from shampoo_tune.storage import queries
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.storage.queries import MedianRow
from shampoo_tune.tuner.final_looks import looks_of, stopped_early
from shampoo_tune.tuner.ladder.declaration import declare
from shampoo_tune.tuner.submission import submit
from tests.tuner.conftest import Laboratory, quick_study


@pytest.fixture
def connection(laboratory: Laboratory) -> Iterator[Connection]:
    with create_or_open(laboratory.url) as database, database.write() as connection:
        yield connection


def study_of(connection: Connection, group: Row[Any]) -> Row[Any]:
    (study,) = queries.studies_of(connection, group.id)
    return study


def medians(seeds: int, reached: int | None) -> MedianRow:
    return MedianRow(0, seeds, 0, reached, 0.5, 0.4, 0.6, None)


@pytest.fixture
def plain(connection: Connection) -> Row[Any]:
    study = quick_study("budget.seeds=50")
    return study_of(connection, submit(connection, study, "plain"))


@pytest.fixture
def on_ladder(connection: Connection) -> Row[Any]:
    rung = declare(quick_study("budget.seeds=50"), "climb", 0.5, 2).rungs[0]
    return study_of(connection, submit(connection, rung.study, rung.group, rung.declaration))


def test_a_plain_study_has_one_look_and_is_never_stopped(
    connection: Connection, plain: Row[Any]
) -> None:
    assert looks_of(connection, plain) == (50,)
    for seeds in range(1, 51):
        assert not stopped_early(connection, plain, medians(seeds, 0))
        assert not stopped_early(connection, plain, medians(seeds, None))


def test_a_study_of_a_ladder_is_stopped_at_its_looks_only(
    connection: Connection, on_ladder: Row[Any]
) -> None:
    assert looks_of(connection, on_ladder) == (10, 20, 50)
    stopped = {
        (seeds, reached)
        for seeds in range(1, 51)
        for reached in range(seeds + 1)
        if stopped_early(connection, on_ladder, medians(seeds, reached))
    }
    assert stopped == {(10, r) for r in range(2)} | {(20, r) for r in range(6)}


def test_the_medians_of_every_look_have_their_interval(
    connection: Connection, on_ladder: Row[Any]
) -> None:
    del on_ladder
    rows = connection.exec_driver_sql("select n, low_rank from median_ranks")
    ranks = {int(n): rank for n, rank in rows}
    assert {n: ranks[n] for n in (10, 20, 50)} == {10: 2, 20: 6, 50: 18}
