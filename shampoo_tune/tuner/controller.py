"""The controller: owns a group, dispatches its runs, records what workers say.

It is the only writer of the group's rows. An attempt is stored as soon as a worker has its run.
What workers say is stored in batches, one transaction each: at once when a run ends, and otherwise
with the next heartbeat, as many runs may report often. What a crash loses of a run that trains, its
next attempt measures again.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.storage import lease, queries, records, requests
from shampoo_tune.storage.attempts import finish_attempt, start_attempt, tell_facts
from shampoo_tune.storage.database import Database
from shampoo_tune.storage.measurements import add_measurements
from shampoo_tune.storage.queries import QueuedRun
from shampoo_tune.study import Action, AttemptState, GroupState, Measurement, RunState
from shampoo_tune.tuner.dispatcher import Dispatcher
from shampoo_tune.tuner.messages import Failed, Finished, Job, Measured, Message, Started
from shampoo_tune.tuner.phases import advance
from shampoo_tune.tuner.retries import Retries

_MAX_BATCH = 20_000  # messages that may wait for a transaction
_LOOK_AHEAD = 16  # runs at least, so that not every run that ends asks for the next


@dataclass
class ActiveRun:
    """A run that a worker has, its attempt once that is stored, and its last measurement."""

    run: QueuedRun
    attempt_id: int | None = None
    measurement: Measurement | None = None


OnFinished = Callable[[ActiveRun, Finished], None]


class Controller:
    """Runs one group to its end. Use `ownership.owning` to make one.

    Attributes:
        on_finished: called with each run that came to its verdict.
    """

    def __init__(
        self,
        database: Database,
        group: Row[Any],
        held: lease.Held,
        dispatcher: Dispatcher,
        on_finished: OnFinished,
        should_stop: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._should_stop = should_stop
        self._asked: set[Action] = set()
        self._database = database
        self._group = group
        self._held = held
        self._dispatcher = dispatcher
        self._on_finished = on_finished
        self._active: dict[int, ActiveRun] = {}
        self._unrecorded: list[Message] = []
        self._ready: deque[QueuedRun] = deque()  # the next runs, looked up before they are needed
        self._retries = Retries(clock)
        self._heartbeat_at = time.monotonic()

    def run(self) -> GroupState:
        """Dispatch until every study is done or blocked by failed runs; returns the group's state.

        Asked by its process to stop, it returns between two messages: never in the middle of a
        transaction. Asked to pause the group, it begins no more runs; to cancel it, it gives up.
        """
        with self._write() as connection:
            # Somebody may have ended or paused it while this controller waited for the lease.
            state = queries.group_state(connection, self._group.id)
            if state not in (GroupState.QUEUED, GroupState.RUNNING):
                return state
            records.requeue(connection, self._group.id, [RunState.RUNNING, RunState.FAILED])
            records.set_group_state(connection, self._group.id, GroupState.RUNNING)
        self._begin_runs()
        while self._goes_on():
            if self._should_stop():
                self._dispatcher.drop(save=True)
                self._record()
                return GroupState.RUNNING
            self._handle(list(self._dispatcher.messages(timeout=1.0)))
            if self._retries.take_due():
                self._begin_runs()
            if time.monotonic() - self._heartbeat_at > lease.HEARTBEAT_SECONDS:
                self._record()
        return self._end()

    def _goes_on(self) -> bool:
        if Action.CANCEL in self._asked:
            return False
        return bool(self._active) or (bool(self._retries.waiting) and self._begins_runs())

    def _begins_runs(self) -> bool:
        return not (self._asked or self._retries.blocked)

    def _end(self) -> GroupState:
        if Action.CANCEL in self._asked:
            self._dispatcher.drop(save=False)
            self._record()
            state = GroupState.CANCELLED
        elif self._retries.failed:
            state = GroupState.BLOCKED
        else:
            left = bool(self._ready or self._retries.waiting)  # only if it was asked to pause
            state = GroupState.PAUSED if left else GroupState.COMPLETED
        with self._write() as connection:
            if state is GroupState.CANCELLED:
                records.cancel_runs(connection, self._group.id)
            records.set_group_state(connection, self._group.id, state)
        return state

    def _handle(self, messages: Sequence[Message]) -> None:
        self._unrecorded += messages
        if any(isinstance(message, (Finished, Failed)) for message in messages):
            # First of all, so that no worker waits for the database; but a failure may be the last
            # that is one too many.
            if not any(isinstance(message, Failed) for message in messages):
                self._submit_ready()
            self._record(look_up=True)
            self._begin_ready()
        elif len(self._unrecorded) >= _MAX_BATCH:
            self._record()

    def _record(self, *, look_up: bool = False) -> None:
        """Store what was said, and look up the next runs in the same transaction."""
        batch, self._unrecorded = self._unrecorded, []
        with self._write() as connection:
            self._store(connection, batch)
            if look_up:
                ended = {m.run_id for m in batch if isinstance(m, (Finished, Failed))}
                self._fill_ready(connection, ended)
        for message in batch:
            self._note(message)

    def _begin_runs(self) -> None:
        with self._write() as connection:
            self._fill_ready(connection)
        self._begin_ready()

    def _begin_ready(self) -> None:
        if self._submit_ready():
            self._record()

    @contextmanager
    def _write(self) -> Iterator[Connection]:
        """A transaction that fails if another controller has taken the group over."""
        with self._database.write() as connection:
            if lease.heartbeat(connection, self._held) > self._held.heard:
                self._hear(connection)
            yield connection
        self._heartbeat_at = time.monotonic()

    def _hear(self, connection: Connection) -> None:
        """Read what was asked of this controller; older requests were asked of others."""
        asked = requests.requests_after(connection, self._group.id, self._held.heard)
        self._asked |= {request.action for request in asked}

    def _submit_ready(self) -> bool:
        """Give the next runs to idle workers; returns whether there were any."""
        before = len(self._ready)
        while self._ready and self._dispatcher.idle() and self._begins_runs():
            run = self._ready.popleft()
            self._active[run.run_id] = ActiveRun(run)
            self._dispatcher.submit(self._job(run))
        return len(self._ready) < before

    def _fill_ready(self, connection: Connection, ended: Set[int] = frozenset()) -> None:
        """Look up the next runs; begins the next phase of studies that are done.

        Nothing is looked up while each worker has a run that waits for it: with hundreds of workers
        it would be hundreds of rows for every run that ends.

        Args:
            connection: a write transaction.
            ended: runs that no worker has any more, whatever else is remembered of them.
        """
        active = self._active.keys() - ended
        workers = self._dispatcher.idle() + len(active)
        if len(self._ready) > workers:
            return
        wanted = max(2 * workers, _LOOK_AHEAD)
        known = {*active, *(run.run_id for run in self._ready), *self._retries.waiting}
        for study in queries.studies_of(connection, self._group.id):
            advance(connection, self._group, study, workers)
        runs = queries.next_runs(connection, self._group.id, len(known) + wanted)
        new = [run for run in runs if run.run_id not in known]
        self._ready += new[: wanted - len(self._ready)]

    def _job(self, run: QueuedRun) -> Job:
        return Job(
            run_id=run.run_id,
            workload=self._group.provenance["workload"]["arguments"],
            configuration=run.configuration,
            seed=run.seed,
            steps=run.steps,
            eval_every=run.eval_every,
            trial=run.trial,
        )

    def _store(self, connection: Connection, batch: Sequence[Message]) -> None:
        """What begins, then all measurements at once, then what ends."""
        started = {m.run_id: m for m in batch if isinstance(m, Started)}
        for run_id, active in self._active.items():
            if active.attempt_id is None:
                facts = started.pop(run_id).facts if run_id in started else {}
                active.attempt_id = start_attempt(connection, run_id, facts)
        for told in started.values():
            tell_facts(connection, self._attempt(told), told.facts)
        measured = [message for message in batch if isinstance(message, Measured)]
        add_measurements(connection, [(self._attempt(m), m.measurement) for m in measured])
        for message in batch:
            if isinstance(message, Finished):
                self._finish(connection, message)
            elif isinstance(message, Failed):
                self._retry_or_fail(connection, message)

    def _attempt(self, message: Message) -> int:
        attempt_id = self._active[message.run_id].attempt_id
        if attempt_id is None:
            raise AssertionError("`_store` begins them first")
        return attempt_id

    def _finish(self, connection: Connection, message: Finished) -> None:
        finish_attempt(
            connection,
            self._attempt(message),
            state=AttemptState.COMPLETED,
            run_state=message.state,
            reason=message.reason,
            timings=message.timings,
        )

    def _retry_or_fail(self, connection: Connection, message: Failed) -> None:
        finish_attempt(
            connection,
            self._attempt(message),
            state=AttemptState.LOST if message.lost else AttemptState.FAILED,
            run_state=RunState.QUEUED if self._retries.again(message) else RunState.FAILED,
            reason=message.reason,
        )

    def _note(self, message: Message) -> None:
        """Remember what is stored by now."""
        if isinstance(message, Measured):
            self._active[message.run_id].measurement = message.measurement
        elif isinstance(message, Finished):
            self._retries.succeeded()
            self._on_finished(self._active.pop(message.run_id), message)
        elif isinstance(message, Failed):
            del self._active[message.run_id]
