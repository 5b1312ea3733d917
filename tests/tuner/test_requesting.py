"""Pausing and cancelling: by the owner if there is one, at once if there is none."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.errors import ConditionNotMetError, NotFoundError
from shampoo_tune.storage import lease, queries
from shampoo_tune.storage.checking import check
from shampoo_tune.storage.database import Database, create_or_open
from shampoo_tune.storage.tables import Lease
from shampoo_tune.study import Action, GroupState
from shampoo_tune.tuner.controller import ActiveRun
from shampoo_tune.tuner.messages import Finished
from shampoo_tune.tuner.ownership import owning
from shampoo_tune.tuner.requesting import request
from shampoo_tune.tuner.submission import submit
from tests.conftest import QUICK_RUNS
from tests.tuner.conftest import Laboratory, quick_study
from tests.tuner.pretending import Pretender

ENDS = {Action.PAUSE: GroupState.PAUSED, Action.CANCEL: GroupState.CANCELLED}
both = pytest.mark.parametrize("action", list(Action))


@pytest.fixture
def database(laboratory: Laboratory) -> Iterator[Database]:
    with create_or_open(laboratory.url) as opened:
        yield opened


def enter(database: Database) -> Any:
    with database.write() as connection:
        return submit(connection, quick_study(), "quick")


class Run:
    """A controller that somebody asks for something once three runs have their verdict."""

    def __init__(self, database: Database, action: Action | None = None, after: int = 3) -> None:
        self.finished = 0
        self._database, self._action, self._after = database, action, after

    def __call__(self, active: ActiveRun, message: Finished) -> None:
        self.finished += 1
        if self._action and self.finished == self._after:
            assert "asked its controller to" in request(self._database, "quick", self._action)

    def run(self, group: Any) -> GroupState:
        pretender = Pretender(lambda *_: 1.0)
        with owning(self._database, group, pretender, self) as controller:
            return controller.run()


def states(database: Database) -> dict[str, int]:
    query = "select state, count(*) runs from runs group by state"
    with database.read() as connection:
        assert [problem for c in check(connection) for problem in c.problems] == []
        return {row.state: row.runs for row in connection.execute(text(query))}


@both
def test_an_owner_that_is_asked_stops_at_its_next_heartbeat(
    database: Database, action: Action
) -> None:
    group = enter(database)
    run = Run(database, action)
    assert run.run(group) == ENDS[action]
    assert run.finished in (3, 4)  # the next one may have begun
    left = "queued" if action is Action.PAUSE else "cancelled"
    found = states(database)
    assert (found["completed"], set(found)) == (run.finished, {"completed", left})
    with database.write() as connection:
        assert queries.group_state(connection, group.id) == ENDS[action]
        lease.acquire(connection, group.id)  # free again


def test_a_paused_group_is_submitted_again_and_no_number_changes(
    database: Database, laboratory: Laboratory
) -> None:
    paused = Run(database, Action.PAUSE)
    paused.run(enter(database))
    again = Run(database)
    assert again.run(enter(database)) == GroupState.COMPLETED
    assert paused.finished + again.finished == QUICK_RUNS
    assert states(database) == {"completed": QUICK_RUNS}


@both
def test_a_group_that_nobody_owns_is_changed_at_once(database: Database, action: Action) -> None:
    group = enter(database)
    assert request(database, "quick", action) == f"quick is {ENDS[action]}"
    assert set(states(database)) == {"queued" if action is Action.PAUSE else "cancelled"}
    run = Run(database)
    assert run.run(group) == ENDS[action]  # a controller that knew it from before
    assert run.finished == 0


def test_an_old_request_is_not_for_a_new_owner(database: Database) -> None:
    Run(database, Action.PAUSE).run(enter(database))
    assert Run(database).run(enter(database)) == GroupState.COMPLETED


def test_what_a_dead_owner_was_asked_its_follower_does(database: Database) -> None:
    group = enter(database)
    with database.write() as connection:
        lease.acquire(connection, group.id)
    assert "asked its controller" in request(database, "quick", Action.CANCEL)
    with database.write() as connection:
        connection.execute(Lease.__table__.update().values(boot="another boot"))  # type: ignore[attr-defined]
    assert Run(database).run(group) == GroupState.CANCELLED


def test_asked_during_its_last_run_it_is_complete(database: Database) -> None:
    run = Run(database, Action.PAUSE, after=QUICK_RUNS)
    assert run.run(enter(database)) == GroupState.COMPLETED


@both
def test_what_has_ended_cannot_be_asked(database: Database, action: Action) -> None:
    Run(database).run(enter(database))
    with pytest.raises(ConditionNotMetError, match="'quick' is completed already"):
        request(database, "quick", action)
    with pytest.raises(NotFoundError, match="no group 'other'"):
        request(database, "other", action)


def test_a_cancelled_group_is_not_submitted_again(database: Database) -> None:
    enter(database)
    request(database, "quick", Action.CANCEL)
    with pytest.raises(ConditionNotMetError, match="was cancelled; use --name"):
        enter(database)
    with pytest.raises(ConditionNotMetError, match="is cancelled already"):
        request(database, "quick", Action.PAUSE)
