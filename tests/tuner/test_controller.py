"""The controller when runs fail: retried, then blocking, then repaired."""

import sqlite3
from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.errors import GroupBusyError
from shampoo_tune.storage import engines, lease, queries
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.study import GroupState
from shampoo_tune.tuner.controller import MAX_ATTEMPTS, MAX_FAILED_RUNS, owning
from shampoo_tune.tuner.local_workers import LocalWorkers
from shampoo_tune.tuner.submission import submit
from tests.conftest import QUICK_RUNS
from tests.tuner.conftest import Laboratory, quick_study
from tests.tuner.pretending import Pretender


def break_workload(laboratory: Laboratory, name: str) -> Any:
    """A submitted group whose workers cannot build the workload, as after a bad upgrade."""
    database = create_or_open(laboratory.url)
    with database.write() as connection:
        submit(connection, quick_study(), "quick")
        connection.execute(
            text(
                "update groups set provenance ="
                " json_set(provenance, '$.workload.arguments.name', :name)"
            ),
            {"name": name},
        )
    return database


def test_runs_that_keep_failing_block_the_group_and_a_repair_continues_it(
    laboratory: Laboratory,
) -> None:
    database = break_workload(laboratory, "gone")
    summary = laboratory.launch(quick_study(), workers=1)
    assert summary.state == "blocked"
    assert len(summary.failed) == MAX_FAILED_RUNS
    assert "unknown workload 'gone'" in summary.failed[0].reason
    assert summary.studies[0].state == "blocked"
    with database.write() as connection:
        attempts = "select count(*) from attempts where state = 'failed'"
        assert connection.scalar(text(attempts)) == MAX_ATTEMPTS * MAX_FAILED_RUNS
        connection.execute(
            text(
                "update groups set provenance ="
                " json_set(provenance, '$.workload.arguments.name', 'mlp_digits')"
            )
        )
    repaired = laboratory.launch(quick_study())
    assert (repaired.state, repaired.failed) == ("completed", ())
    assert repaired.studies[0].runs_done == QUICK_RUNS
    database.close()


def test_however_the_block_ends_the_group_is_handed_back(laboratory: Laboratory) -> None:
    database = create_or_open(laboratory.url)
    with database.write() as connection:
        group = submit(connection, quick_study(), "quick")

    def interrupt(*arguments: object) -> None:
        raise KeyboardInterrupt

    def run() -> None:
        with LocalWorkers(1) as workers, owning(database, group, workers, interrupt) as controller:
            controller.run()

    with pytest.raises(KeyboardInterrupt):
        run()
    with database.write() as connection:
        assert queries.group_state(connection, group.id) == GroupState.QUEUED
        states = connection.execute(text("select state, count(*) from runs group by 1")).all()
        assert states == [("completed", 1), ("queued", 3)]
        lease.acquire(connection, group.id)  # free again
    database.close()


def test_a_controller_that_was_displaced_writes_nothing_more(laboratory: Laboratory) -> None:
    database = create_or_open(laboratory.url)
    with database.write() as connection:
        group = submit(connection, quick_study(), "quick")

    def displace(*arguments: object) -> None:
        with database.write() as connection:
            connection.execute(text("update leases set token = 'somebody else'"))

    def run() -> None:
        with LocalWorkers(1) as workers, owning(database, group, workers, displace) as controller:
            controller.run()

    with pytest.raises(GroupBusyError, match="taken this group over"):
        run()
    with database.read() as connection:
        assert connection.scalar(text("select token from leases")) == "somebody else"
        completed = "select count(*) from runs where state = 'completed'"
        assert connection.scalar(text(completed)) == 1
    database.close()


def test_the_first_error_is_shown_if_the_database_cannot_take_the_group_back(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "BUSY_SECONDS", 0.1)
    path = laboratory.url.removeprefix("sqlite:///")
    with create_or_open(laboratory.url) as database:
        with database.write() as connection:
            group = submit(connection, quick_study(), "quick")
        blocker = sqlite3.connect(path, isolation_level=None)

        def fail() -> None:
            with owning(database, group, Pretender(lambda *_: 1.0), lambda *_: None):
                blocker.execute("begin immediate")
                raise RuntimeError("the first")

        with pytest.raises(RuntimeError, match="the first"):
            fail()
        blocker.close()
        with database.write() as connection, pytest.raises(GroupBusyError):
            lease.acquire(connection, group.id)  # this process has it still


def test_a_group_that_was_completed_meanwhile_is_left_as_it_is(laboratory: Laboratory) -> None:
    ended = []
    with create_or_open(laboratory.url) as database:
        with database.write() as connection:
            before = submit(connection, quick_study(), "quick")
        for _ in range(2):
            with owning(database, before, Pretender(lambda *_: 1.0), lambda *_: None) as controller:
                assert controller.run() == GroupState.COMPLETED
            with database.read() as connection:
                ended.append(connection.scalar(text("select finished_at from groups")))
    assert ended[0] == ended[1]
