"""One controller writes a group's rows: whoever starts, dies, hangs, or comes back."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, text

from shampoo_tune.storage.checking import check
from shampoo_tune.storage.database import open_existing
from tests.conftest import REQUIRED_PARTS
from tests.storage.processes import Child, running
from tests.storage.processes.controllers import RUNS, hang_in_a_transaction, launch

RACES = 50 if "disturbances" in REQUIRED_PARTS else 15
CREATIONS = {"sqlite": 10, "postgresql": 3}
REMOTE: dict[str, Any] = {"host": "elsewhere"}
sqlite_only = pytest.mark.parametrize("engine", ["sqlite"])
postgresql_only = pytest.mark.parametrize("engine", ["postgresql"])


def ask(address: str, query: str) -> list[Row[Any]]:
    with open_existing(address) as database, database.read() as connection:
        return list(connection.execute(text(query)).all())


def require_complete(address: str, name: str) -> None:
    """Every run of the group has its verdict, by one attempt that ended, and all agrees."""
    of_group = f"from runs r join studies s on s.id = r.study_id where s.name = '{name}/nesterov'"
    states = ask(address, f"select r.state, count(*) {of_group} group by r.state")
    assert [tuple(row) for row in states] == [("completed", RUNS)]
    with open_existing(address) as database, database.read() as connection:
        assert [problem for c in check(connection) for problem in c.problems] == []


def attempts(address: str) -> list[tuple[str, int]]:
    """How many attempts there are in which state."""
    query = "select state, count(*) from attempts group by state order by state"
    return [tuple(row) for row in ask(address, query)]


def told(address: str) -> list[Any]:
    """The numbers: what each run measured, without times."""
    return ask(address, "select * from v1_curves order by trial, phase, seed, step, metric")


@contextmanager
def two(*arguments: Any) -> Iterator[list[Child]]:
    """Two controllers that wait for the word to start."""
    with ExitStack() as stack:
        children = [stack.enter_context(running(launch, *arguments)) for _ in range(2)]
        assert [child.hear() for child in children] == ["ready", "ready"]
        yield children


def race(children: list[Child]) -> bool:
    """Let both go: one runs. Returns whether it kept the other out; else that came too late."""
    for child in children:
        child.say("go")
    outcomes = [child.hear() for child in children]
    assert ("completed", RUNS) in outcomes, outcomes
    outcomes.remove(("completed", RUNS))
    (other,) = outcomes
    assert other == ("completed", 0) or other[0] == "GroupBusyError", other
    return bool(other[0] == "GroupBusyError")


def test_of_two_started_at_the_same_moment_exactly_one_runs(make_url: Any) -> None:
    address = make_url()
    kept_out = 0
    for number in range(RACES):
        with two(address, f"raced-{number}") as children:
            kept_out += race(children)
    assert attempts(address) == [("completed", RACES * RUNS)]
    assert kept_out > RACES / 2
    for number in range(RACES):
        require_complete(address, f"raced-{number}")


def test_two_that_create_one_database_find_it_created(
    engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    for number in range(CREATIONS[engine]):
        if engine == "sqlite":
            address = f"sqlite:///{tmp_path / str(number)}.db"
        else:
            address = request.getfixturevalue("postgresql").make_database()
        with two(address, "raced") as children:
            race(children)
        require_complete(address, "raced")


@contextmanager
def half_way(address: str, **settings: Any) -> Iterator[Child]:
    """A controller that stands before a message; the ones before it are stored."""
    with running(launch, address, "raced", 0.0, True, settings) as owner:
        assert owner.hear() == "ready"
        owner.say("go")
        for _ in range(5):
            assert owner.hear() == "before a message"
            owner.say("go on")
        assert owner.hear() == "before a message"
        yield owner


def finish(owner: Child) -> Any:
    """Let it handle all that is left; its outcome."""
    owner.say("go on")
    while (word := owner.hear()) == "before a message":
        owner.say("go on")
    return word


def launched(address: str, **settings: Any) -> Any:
    """What comes of another launch of the same group."""
    with running(launch, address, "raced", 0.0, False, settings) as other:
        assert other.hear() == "ready"
        other.say("go")
        return other.hear()


def undisturbed(make_url: Any) -> list[Any]:
    address = make_url()
    assert launched(address)[0] == "completed"
    return told(address)


def test_a_killed_owner_is_replaced_at_once_and_no_number_changes(make_url: Any) -> None:
    address = make_url()
    with half_way(address) as owner:
        owner.kill()
        assert launched(address)[0] == "completed"
    require_complete(address, "raced")
    assert attempts(address)[0] == ("completed", RUNS)
    assert told(address) == undisturbed(make_url)


def test_a_stopped_owner_on_this_machine_lives(make_url: Any) -> None:
    address = make_url()
    with half_way(address) as owner:
        owner.stop()
        before = attempts(address), told(address)
        kind, message = launched(address, expiry=0.0)
        assert (kind, "is running this group" in message) == ("GroupBusyError", True)
        assert (attempts(address), told(address)) == before
        owner.go_on()
        assert finish(owner)[0] == "completed"
    require_complete(address, "raced")
    assert attempts(address) == [("completed", RUNS)]


def test_a_silent_owner_elsewhere_is_replaced_and_cannot_write_any_more(make_url: Any) -> None:
    address = make_url()
    with half_way(address, **REMOTE) as owner:
        owner.stop()
        assert launched(address, expiry=0.5)[0] == "completed"
        after = attempts(address), told(address)
        owner.go_on()
        kind, message = finish(owner)
        assert (kind, "has taken this group over" in message) == ("GroupBusyError", True)
    assert (attempts(address), told(address)) == after
    require_complete(address, "raced")
    assert told(address) == undisturbed(make_url)


def test_an_owner_elsewhere_that_beats_is_not_replaced(make_url: Any) -> None:
    address = make_url()
    with (
        half_way(address, **REMOTE) as owner,
        running(launch, address, "raced", 0.0, False, {"expiry": 30.0}) as other,
    ):
        assert other.hear() == "ready"
        other.say("go")
        time.sleep(0.2)
        assert other.heard() == []  # it waits for the lease to expire
        assert finish(owner)[0] == "completed"
    assert attempts(address) == [("completed", RUNS)]


@postgresql_only
def test_the_server_cuts_off_an_owner_that_hangs_in_a_transaction(make_url: Any) -> None:
    address = make_url()
    with half_way(address, **REMOTE):
        pass  # killed: there is a group with finished runs and one that is not
    settings = {**REMOTE, "hung": 1}
    with running(hang_in_a_transaction, address, "raced", settings) as owner:
        assert [owner.hear(), owner.hear()] == ["owner", "inside"]
        owner.stop()
        assert launched(address, expiry=0.5)[0] == "completed"
        owner.go_on()
        owner.say("commit")
        kind, message = owner.hear()
    assert (kind, "idle-in-transaction timeout" in message) == ("StorageError", True), message
    require_complete(address, "raced")


@sqlite_only
def test_a_file_whose_owner_hangs_in_a_transaction_is_told_of(make_url: Any) -> None:
    address = make_url()
    with half_way(address):
        pass
    with running(hang_in_a_transaction, address, "raced") as owner:
        assert [owner.hear(), owner.hear()] == ["owner", "inside"]
        owner.stop()
        kind, message = launched(address, busy=1)
        assert (kind, "another process has been writing" in message) == ("StorageError", True)
        owner.go_on()
        owner.say("commit")
        assert owner.hear() == "committed"
    assert ask(address, "select state from runs where id = 1")[0].state == "failed"
