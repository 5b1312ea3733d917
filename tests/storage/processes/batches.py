"""A process that stores batches as a controller does, and says which of them are committed."""

from collections import Counter
from itertools import count
from multiprocessing.connection import Connection as Pipe
from typing import Any

from sqlalchemy import Connection, Engine, event, select, text

from shampoo_tune.storage import lease, queries, records
from shampoo_tune.storage.attempts import finish_attempt, start_attempt
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.storage.measurements import add_measurements
from shampoo_tune.storage.tables import Attempt, ExecutionFacts, Run
from shampoo_tune.study import AttemptState, Measurement, Phase, RunState
from tests.storage.conftest import METRICS, new_study

RUNS = (1, 2, 3)
ROWS = len(RUNS) * len(METRICS)  # of a batch
_GROUPS_EVERY = 3  # batches


def make_group(address: str, name: str = "g") -> None:
    """A group with three queued runs."""
    with create_or_open(address) as database, database.write() as connection:
        _create_group(connection, name)


def _create_group(connection: Connection, name: str) -> None:
    group = {"name": name, "digest": "d", "document": {}, "provenance": {}}
    records.create_group(connection, group, [new_study(name=f"{name}/shampoo")])


def store_batches(pipe: Pipe, address: str, life: int, groups: bool, checkpoint: int) -> None:
    """Own group 1, and store a batch in each transaction, until somebody kills the process.

    Args:
        pipe: hears the number of each batch once it is committed, from 0 on.
        address: of the database.
        life: the number of this process, which its attempts tell.
        groups: whether to create a group now and then, in the transaction of a batch.
        checkpoint: after how many pages SQLite copies its log into the database; 0 for its usual.
    """
    if checkpoint:
        event.listen(
            Engine, "connect", lambda c, _: c.execute(f"pragma wal_autocheckpoint={checkpoint}")
        )
    with create_or_open(address) as database:
        with database.write() as connection:
            held = lease.acquire(connection, 1)
            records.requeue(connection, 1, [RunState.RUNNING])
        for number in count():
            with database.write() as connection:
                lease.heartbeat(connection, held)
                attempts = _attempts(connection, life, number)
                batch = [(a, measurement(life, number)) for a in attempts]
                add_measurements(connection, batch)
                if groups and number % _GROUPS_EVERY == 0:
                    _create_group(connection, f"g-{life}-{number}")
            pipe.send(number)


def measurement(life: int, number: int) -> Measurement:
    """What every attempt measures in a batch."""
    return Measurement(number, dict.fromkeys(METRICS, life + number / 4096))


def _attempts(connection: Connection, life: int, number: int) -> list[int]:
    """The running attempts; sometimes one of them is lost and its run begins anew."""
    running = select(Attempt.id).where(Attempt.state == AttemptState.RUNNING).order_by(Attempt.id)
    if number == 0:
        return [start_attempt(connection, run, {"life": life}) for run in RUNS]
    attempts = list(connection.scalars(running))
    if number % 4 == 0:
        lost = attempts.pop(0)
        run = connection.execute(select(Attempt.run_id).filter_by(id=lost)).scalar_one()
        finish_attempt(
            connection, lost, state=AttemptState.LOST, run_state=RunState.QUEUED, reason="lost"
        )
        attempts.append(start_attempt(connection, run, {"life": life}))
    return attempts


def stored_batches(connection: Connection) -> dict[int, Counter[int]]:
    """For each life, how many rows of each batch there are; every value is the right one."""
    query = (
        "select a.facts_id, m.step, m.value from measurements m"
        " join attempts a on a.id = m.attempt_id"
    )
    facts = connection.execute(select(ExecutionFacts.id, ExecutionFacts.facts))
    lives = {row.id: row.facts["life"] for row in facts}
    found: dict[int, Counter[int]] = {}
    for facts_id, step, value in connection.execute(text(query)):
        life = lives[facts_id]
        assert value == measurement(life, step).metrics[METRICS[0]]
        found.setdefault(life, Counter())[step] += 1
    return found


def require_whole(connection: Connection, acknowledged: dict[int, int], most: int = 1) -> None:
    """All acknowledged batches are there, at most `most` beyond them, and none in part.

    Args:
        connection: a read transaction.
        acknowledged: for each life, how many batches it said were committed.
        most: batches that may be committed and not acknowledged.
    """
    found = stored_batches(connection)
    for life, count_ in acknowledged.items():
        batches = found.get(life, Counter())
        assert batches == Counter(dict.fromkeys(range(len(batches)), ROWS))
        assert count_ <= len(batches) <= count_ + most


def require_whole_groups(connection: Connection) -> int:
    """Every group has all its trials, and these all their parts; returns how many there are."""
    groups: list[Any] = list(queries.groups(connection))
    for group_id, _ in groups:
        (study,) = queries.studies_of(connection, group_id)
        assert len(queries.trials_by_number(connection, study.id)) == 3
        runs = select(Run.id).where(Run.study_id == study.id, Run.phase == Phase.SEARCH)
        assert len(connection.scalars(runs).all()) == 3
    return len(groups)
