"""Stored medians are those of the runs as they are, whatever happened to these."""

from typing import Any

import pytest
from sqlalchemy import Connection, select, text

from shampoo_tune.storage import queries, records
from shampoo_tune.storage.attempts import start_attempt
from shampoo_tune.storage.checking import check
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.storage.seed_medians import write_all_seed_medians
from shampoo_tune.storage.tables import Run, SeedMedian
from shampoo_tune.study import Phase, RunState
from tests.storage.conftest import GROUP, Filled, new_study


def stored(connection: Connection) -> list[Any]:
    keys = (SeedMedian.trial_id, SeedMedian.phase, SeedMedian.metric_id)
    return list(connection.execute(select(SeedMedian.__table__).order_by(*keys)).all())


def medians(connection: Connection) -> list[tuple[int, float | None]]:
    query = "select seeds, median from v1_seed_medians where phase = 'final' and metric = :metric"
    rows = connection.execute(text(query), {"metric": "valid_accuracy"})
    return [(row.seeds, row.median) for row in rows]


def test_columns_are_those_of_the_view_that_computes_them(make_filled: Any) -> None:
    with make_filled().database.read() as connection:
        computed = connection.execute(text("select * from computed_medians"))
        assert list(computed.keys()) == SeedMedian.__table__.columns.keys()


def test_every_verdict_moves_the_median(make_filled: Any) -> None:
    filled = make_filled()
    with filled.database.write() as connection:
        records.add_runs(connection, filled.study.id, Phase.FINAL, [(1, seed) for seed in range(3)])
        runs = select(Run.id).where(Run.phase == Phase.FINAL).order_by(Run.id)
        told = []
        for run, value in zip(connection.scalars(runs).all(), (0.5, 0.25, None), strict=True):
            filled.record(connection, run, None if value is None else (0.0, value))
            told += medians(connection)
    assert told == [(1, 0.5), (2, 0.375), (3, 0.25)]


def test_a_median_that_falls_on_an_infeasible_run_is_missing(make_filled: Any) -> None:
    filled = make_filled()
    filled.add_final_runs([None, 0.5])
    with filled.database.read() as connection:
        assert medians(connection) == [(2, None)]


@pytest.mark.parametrize("again", ["requeued", "started"])
def test_a_run_that_trains_again_no_longer_counts(make_filled: Any, again: str) -> None:
    filled = make_filled()
    filled.add_final_runs([0.25, 0.5, None])
    with filled.database.write() as connection:
        of_worst = select(Run.id).where(Run.state == RunState.INFEASIBLE)
        if again == "requeued":
            records.requeue(connection, 1, [RunState.INFEASIBLE])
        else:
            start_attempt(connection, connection.execute(of_worst).scalar_one(), {})
        assert medians(connection) == [(2, 0.375)]


def test_none_is_left_when_no_run_counts(make_filled: Any) -> None:
    filled = make_filled()
    filled.add_final_runs([0.25])
    with filled.database.write() as connection:
        records.requeue(connection, 1, [RunState.COMPLETED])
        assert stored(connection) == []


def test_written_at_once_they_are_those_written_one_by_one(make_filled: Any) -> None:
    filled = make_filled(target=0.5)
    filled.add_final_curves([(0.25, 0.75), (0.5, 0.5), None, (0.75, 0.25)])
    with filled.database.write() as connection:
        one_by_one = stored(connection)
        write_all_seed_medians(connection)
        assert stored(connection) == one_by_one
    assert {row.phase for row in one_by_one} == {Phase.FINAL}


def test_a_later_study_of_as_many_seeds_changes_no_interval(url: str) -> None:
    """An interval needs a rank that is stored for each number of seeds."""
    with create_or_open(url) as database:
        with database.write() as connection:
            group_id = records.create_group(connection, GROUP, [new_study(seeds=9)])
            study = queries.studies_of(connection, group_id)[0]
        Filled(database, study).add_final_runs([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
        query = text("select ci_low, ci_high from v1_seed_medians where seeds = 7")
        with database.read() as connection:
            before = connection.execute(query).all()
        with database.write() as connection:
            later = new_study(name="later/shampoo", seeds=7)
            records.create_group(connection, {**GROUP, "name": "later"}, [later])
        with database.read() as connection:
            assert connection.execute(query).all() == before
            assert [problem for c in check(connection) for problem in c.problems] == []
    assert set(map(tuple, before)) == {(0.1, 0.7)}
