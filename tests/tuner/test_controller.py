"""The controller when runs fail: retried, then blocking, then repaired."""

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.errors import GroupBusyError
from shampoo_tune.storage import engines, lease, queries
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.study import Action, GroupState
from shampoo_tune.tuner import retries
from shampoo_tune.tuner.local_workers import LocalWorkers
from shampoo_tune.tuner.messages import Failed, Finished, Job, Message, Started
from shampoo_tune.tuner.ownership import owning
from shampoo_tune.tuner.requesting import request
from shampoo_tune.tuner.retries import MAX_ALIKE, MAX_FAILED_RUNS, MAX_FAILURES, MAX_LOSSES
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


def test_the_same_failure_again_and_again_blocks_the_group_and_a_repair_continues_it(
    laboratory: Laboratory,
) -> None:
    database = break_workload(laboratory, "gone")
    summary = laboratory.launch(quick_study(), workers=1)
    assert summary.state == "blocked"
    assert len(summary.failed) == 1
    assert "unknown workload 'gone'" in summary.failed[0].reason
    assert summary.studies[0].state == "blocked"
    with database.write() as connection:
        attempts = "select count(*) from attempts where state = 'failed'"
        assert connection.scalar(text(attempts)) == MAX_ALIKE
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


class Clumsy(Pretender):
    """Fails the first attempts of runs, given by seed; knows when it was given which."""

    def __init__(self, reasons: dict[int, list[str]], *, lost: bool = False) -> None:
        super().__init__(lambda *_: 1.0)
        self._reasons, self._lost = reasons, lost
        self.given: list[tuple[int, float]] = []

    def submit(self, job: Job) -> None:
        self.given.append((job.seed, time.monotonic()))
        if self._reasons.get(job.seed):
            reason = self._reasons[job.seed].pop(0)
            self._messages.append(Failed(job.run_id, reason, lost=self._lost))
        else:
            super().submit(job)

    def times(self, seed: int) -> list[float]:
        return [at for given, at in self.given if given == seed]


def control(laboratory: Laboratory, dispatcher: Pretender) -> tuple[GroupState, dict[str, int]]:
    """What becomes of the quick study, and how many runs are in which state."""
    with create_or_open(laboratory.url) as database:
        with database.write() as connection:
            group = submit(connection, quick_study(), "quick")
        with owning(database, group, dispatcher, lambda *_: None) as controller:
            state = controller.run()
        with database.read() as connection:
            query = "select state, count(*) runs from runs group by state"
            return state, {row.state: row.runs for row in connection.execute(text(query))}


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "RETRY_SECONDS", (0.2, 0.6))


@pytest.mark.usefixtures("hurry")
def test_a_failed_run_waits_longer_each_time_and_others_go_on(laboratory: Laboratory) -> None:
    clumsy = Clumsy({0: ["first", "second"]})
    assert control(laboratory, clumsy) == (GroupState.COMPLETED, {"completed": QUICK_RUNS})
    first, second, third = clumsy.times(0)
    assert second - first >= 0.2
    assert third - second >= 0.6
    assert [seed for seed, _ in clumsy.given[:4]] == [0, 1, 2, 3]


@pytest.mark.usefixtures("hurry")
def test_runs_that_keep_failing_for_other_reasons_block_the_group(laboratory: Laboratory) -> None:
    clumsy = Clumsy({seed: [f"{seed} {n}" for n in range(MAX_FAILURES)] for seed in range(3)})
    assert control(laboratory, clumsy) == (GroupState.BLOCKED, {"completed": 1, "failed": 3})
    assert len(clumsy.given) == 1 + MAX_FAILED_RUNS * MAX_FAILURES


@pytest.mark.usefixtures("hurry")
def test_one_bug_in_all_runs_is_found_after_three_failures(laboratory: Laboratory) -> None:
    clumsy = Clumsy({seed: [f"at {seed}\nValueError: a bug"] * 3 for seed in range(4)})
    assert control(laboratory, clumsy) == (GroupState.BLOCKED, {"failed": 1, "queued": 3})
    assert len(clumsy.given) == MAX_ALIKE


@pytest.mark.usefixtures("hurry")
def test_machines_that_are_lost_are_no_bug(laboratory: Laboratory) -> None:
    clumsy = Clumsy({seed: ["signal 9"] * (MAX_LOSSES - 1) for seed in range(4)}, lost=True)
    assert control(laboratory, clumsy) == (GroupState.COMPLETED, {"completed": QUICK_RUNS})


@pytest.mark.usefixtures("hurry")
def test_runs_that_lose_every_machine_block_the_group(laboratory: Laboratory) -> None:
    clumsy = Clumsy({seed: ["signal 9"] * MAX_LOSSES for seed in range(4)}, lost=True)
    state, runs = control(laboratory, clumsy)
    assert state == GroupState.BLOCKED
    assert runs["failed"] >= MAX_FAILED_RUNS


@pytest.mark.usefixtures("hurry")
def test_paused_while_a_failed_run_waits_it_is_not_complete(laboratory: Laboratory) -> None:
    last = 200_006

    class Pausing(Clumsy):
        def submit(self, job: Job) -> None:
            super().submit(job)
            if job.seed == last:
                with create_or_open(laboratory.url) as database:
                    request(database, "quick", Action.PAUSE)

    state, runs = control(laboratory, Pausing({last: ["once"]}))
    assert (state, runs) == (GroupState.PAUSED, {"completed": QUICK_RUNS - 1, "queued": 1})
    assert control(laboratory, Clumsy({}))[0] == GroupState.COMPLETED


class Slow(Pretender):
    """Its first run measures, and ends only after its measurement was seen in the database."""

    def __init__(self, laboratory: Laboratory) -> None:
        super().__init__(lambda *_: 1.0)
        self._laboratory = laboratory
        self._heard_at = time.monotonic()
        self.stored_after: float | None = None

    def messages(self, timeout: float) -> Iterator[Message]:
        if self.stored_after is not None:
            yield from super().messages(timeout)
            return
        while self._messages and not isinstance(self._messages[0], Finished):
            yield self._messages.popleft()
            self._heard_at = time.monotonic()
        time.sleep(0.1)
        with self._laboratory.read() as connection:
            if connection.scalar(text("select count(*) from measurements")):
                self.stored_after = time.monotonic() - self._heard_at
        assert time.monotonic() - self._heard_at < 30


def test_measurements_of_a_run_that_trains_are_stored_after_a_moment(
    laboratory: Laboratory,
) -> None:
    slow = Slow(laboratory)
    assert control(laboratory, slow)[0] == GroupState.COMPLETED
    assert slow.stored_after is not None
    assert slow.stored_after > 1.0  # not one by one


class Silent(Pretender):
    """Says nothing of the runs that it has, and looks what is stored of them."""

    def __init__(self, laboratory: Laboratory) -> None:
        super().__init__(lambda *_: 1.0)
        self._laboratory = laboratory
        self.stored: list[list[Any]] = []

    def messages(self, timeout: float) -> Iterator[Message]:
        query = "select a.state, r.state, facts from attempts a join runs r on r.id = run_id"
        query += " join execution_facts f on f.id = facts_id where a.state = 'running'"
        with self._laboratory.read() as connection:
            self.stored.append([tuple(row) for row in connection.execute(text(query))])
        yield from super().messages(timeout)


def test_an_attempt_is_stored_before_its_worker_says_anything(laboratory: Laboratory) -> None:
    silent = Silent(laboratory)
    assert control(laboratory, silent)[0] == GroupState.COMPLETED
    assert silent.stored == [[("running", "running", "{}")]] * QUICK_RUNS


class Talking(Pretender):
    """Tells of its machine."""

    def __init__(self) -> None:
        super().__init__(lambda *_: 1.0)

    def messages(self, timeout: float) -> Iterator[Message]:
        for message in super().messages(timeout):
            yield replace(message, facts={"host": "a"}) if isinstance(message, Started) else message


def test_what_a_worker_tells_is_stored_with_its_attempt(laboratory: Laboratory) -> None:
    assert control(laboratory, Talking())[0] == GroupState.COMPLETED
    with laboratory.read() as connection:
        query = "select facts, count(*) from attempts join execution_facts f on f.id = facts_id"
        told = connection.execute(text(query + " group by facts")).all()
    assert told == [('{"host":"a"}', QUICK_RUNS)]
