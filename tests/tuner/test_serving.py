"""A controller serves what waits, oldest first, and leaves alone what others own or ended."""

import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.storage import lease, queries
from shampoo_tune.storage.database import Database, create_or_open
from shampoo_tune.study import Action, GroupState
from shampoo_tune.tuner import serving
from shampoo_tune.tuner.controller import OnFinished
from shampoo_tune.tuner.requesting import request
from shampoo_tune.tuner.serving import serve
from shampoo_tune.tuner.submission import submit
from shampoo_tune.tuner.summary import GroupSummary
from tests.tuner.conftest import Laboratory, quick_study
from tests.tuner.pretending import Pretender


@pytest.fixture
def database(laboratory: Laboratory) -> Iterator[Database]:
    with create_or_open(laboratory.url) as opened:
        for name in ("a", "b", "c"):
            with opened.write() as connection:
                submit(connection, quick_study(), name)
        yield opened


class Service:
    """Serves until nothing is left, or until so many runs have finished."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.said: list[str] = []
        self.finished = 0
        self.stop_after = 10**6

    @contextlib.contextmanager
    def show(self, summary: GroupSummary) -> Iterator[OnFinished]:
        yield self._count

    def _count(self, *_: object) -> None:
        self.finished += 1

    def serve(self, *, until_idle: bool = True) -> list[str]:
        stop = lambda: self.finished >= self.stop_after  # noqa: E731
        pretender = Pretender(lambda *_: 1.0)
        serve(self.database, pretender, self.show, self.said.append, stop, until_idle=until_idle)
        return self.said

    def states(self) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.scalars(text("select state from groups order by id")).all())


def test_groups_are_served_in_the_order_of_their_submission(database: Database) -> None:
    service = Service(database)
    assert service.serve() == ["a: completed", "b: completed", "c: completed"]
    assert service.states() == ["completed"] * 3


def test_what_was_paused_or_cancelled_waits(database: Database) -> None:
    request(database, "a", Action.PAUSE)
    request(database, "b", Action.CANCEL)
    service = Service(database)
    assert service.serve() == ["c: completed"]
    assert service.states() == ["paused", "cancelled", "completed"]


def test_what_another_controller_owns_is_left_to_it(database: Database) -> None:
    with database.write() as connection:
        held = lease.acquire(connection, queries.require_group(connection, "b").id)
    service = Service(database)
    assert service.serve() == ["a: completed", "c: completed"]
    with database.write() as connection:
        lease.heartbeat(connection, held)


def test_what_a_dead_controller_left_is_taken_over(database: Database) -> None:
    with database.write() as connection:
        group = queries.require_group(connection, "a")
        lease.acquire(connection, group.id)
        connection.execute(text("update groups set state = 'running' where name = 'a'"))
        connection.execute(text("update leases set boot = 'another boot'"))
    assert Service(database).serve()[0] == "a: completed"


def test_stopped_it_hands_its_group_back_and_begins_no_other(database: Database) -> None:
    service = Service(database)
    service.stop_after = 2
    assert service.serve(until_idle=False) == ["a: handed back"]
    assert service.states() == [GroupState.QUEUED] * 3
    service.stop_after = 10**6
    assert service.serve()[-3:] == ["a: completed", "b: completed", "c: completed"]


def test_a_group_that_is_submitted_later_is_found(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(database)

    def sleep(seconds: float) -> None:
        assert seconds == serving.POLL_SECONDS
        with database.write() as connection:
            submit(connection, quick_study(), "later")
        service.stop_after = service.finished + 1

    monkeypatch.setattr(time, "sleep", sleep)
    assert service.serve(until_idle=False)[-1] == "later: handed back"
