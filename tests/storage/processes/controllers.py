"""A process that launches a group as `launch` does; only the training is made up, and slow."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection as Pipe
from typing import Any
from unittest import mock

from sqlalchemy import text

from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.storage import engines, lease, queries
from shampoo_tune.storage.database import create_or_open
from shampoo_tune.tuner.controller import OnFinished
from shampoo_tune.tuner.design import prepare
from shampoo_tune.tuner.launching import run_group
from shampoo_tune.tuner.messages import Message
from shampoo_tune.tuner.study_file.loading import parse_study_file
from shampoo_tune.tuner.submission import submit
from shampoo_tune.workloads import WORKLOADS
from tests.tuner.pretending import Pretender

FILE = """\
version: 1
name: raced
workload: {name: mlp_digits}
budget: {steps: 10, trials: 2, finalists: 1, finalist_seeds: 1, seeds: 1, eval_every: 10}
optimizers:
  nesterov:
    learning_rate: {min: 0.1, max: 0.5, scale: log}
    momentum: {min: 0.5, max: 0.9, scale: one_minus_log}
"""
RUNS = 2 + 1 + 1


class Slow(Pretender):
    """Every message takes a moment; with a pipe each is told before, and waits for a word."""

    def __init__(self, seconds: float, pipe: Pipe | None) -> None:
        super().__init__(lambda point, seed: point["learning_rate"] + seed / 1e8)
        self._seconds, self._pipe = seconds, pipe

    def messages(self, timeout: float) -> Iterator[Message]:
        for message in super().messages(timeout):
            time.sleep(self._seconds)
            if self._pipe:
                self._pipe.send("before a message")
                self._pipe.recv()
            yield message


def launch(
    pipe: Pipe,
    address: str,
    name: str,
    seconds: float = 0.002,
    told: bool = False,
    settings: dict[str, Any] | None = None,
) -> None:
    """Say `ready`, wait for a word, launch the group, and say what came of it.

    Args:
        pipe: hears `ready`, with `told` each message before it is handled, then the outcome: the
            group's state and how many runs were trained here, or an error's class and text.
        address: of the database, which is created if need be.
        name: of the group.
        seconds: how long each message takes.
        told: whether to wait for a word before each message.
        settings: `host` to pretend, `expiry` of leases, `busy` seconds of SQLite's patience and
            `hung` of PostgreSQL's.
    """
    _adjust(settings or {})
    file = parse_study_file(FILE, "raced.yaml", (), WORKLOADS).study
    prepare()
    pipe.send("ready")
    pipe.recv()
    try:
        with create_or_open(address) as database:
            with database.write() as connection:
                group = submit(connection, file, name)
            trained: list[object] = []
            slow = Slow(seconds, pipe if told else None)
            show = partial(_counted, trained)
            state = run_group(database, group, slow, show, lambda _: None, lambda: False)
        pipe.send((state.value, len(trained)))
    except ShampooTuneError as error:
        pipe.send((type(error).__name__, str(error)))


def hang_in_a_transaction(
    pipe: Pipe, address: str, name: str, settings: dict[str, Any] | None = None
) -> None:
    """Own a group, say so in the middle of a transaction, wait for a word, and say what came of it.

    Args:
        pipe: hears `owner`, then `inside`, then `committed` or an error's class and text.
        address: of the database, which has the group.
        name: of the group, whose first run is given the state `failed` in the transaction.
        settings: as in `launch`.
    """
    _adjust(settings or {})
    with create_or_open(address) as database:
        with database.write() as connection:
            held = lease.acquire(connection, queries.require_group(connection, name).id)
        pipe.send("owner")
        try:
            with database.write() as connection:
                lease.heartbeat(connection, held)
                connection.execute(text("update runs set state = 'failed' where id = 1"))
                pipe.send("inside")
                pipe.recv()
            pipe.send("committed")
        except ShampooTuneError as error:
            pipe.send((type(error).__name__, str(error)))


def _adjust(settings: dict[str, Any]) -> None:
    if "host" in settings:
        mock.patch("socket.gethostname", return_value=settings["host"]).start()
    lease.EXPIRY_SECONDS = settings.get("expiry", lease.EXPIRY_SECONDS)
    engines.BUSY_SECONDS = settings.get("busy", engines.BUSY_SECONDS)
    engines._HUNG_SECONDS = settings.get("hung", engines._HUNG_SECONDS)


@contextmanager
def _counted(trained: list[object], summary: object) -> Iterator[OnFinished]:
    del summary
    yield lambda active, _: trained.append(active)
