"""Groups that run to their end in a moment: the controller is real, the training is a formula."""

import contextlib
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event

from shampoo_tune.storage.database import create_or_open
from shampoo_tune.study import Measurement, RunState
from shampoo_tune.tuner.messages import Finished, Job, Measured, Message, Started
from shampoo_tune.tuner.ownership import owning
from shampoo_tune.tuner.study_file.model import Study
from shampoo_tune.tuner.submission import submit

# The value of `valid_accuracy` at a point and a seed; None is infeasible.
Formula = Callable[[dict[str, Any], int], float | None]


class Pretender:
    """A dispatcher whose worker knows the result at once."""

    def __init__(self, formula: Formula) -> None:
        self._formula = formula
        self._messages: deque[Message] = deque()

    def idle(self) -> int:
        return 0 if self._messages else 1

    def submit(self, job: Job) -> None:
        configuration = job.configuration
        point = {**configuration["options"], **configuration["schedule"]}
        value = self._formula(point, job.seed)
        self._messages.append(Started(job.run_id, {}))
        if value is not None:
            metrics = {"valid_accuracy": value, "test_accuracy": value}
            metrics |= dict.fromkeys(("train_loss", "valid_loss", "test_loss"), 1.0 - value)
            self._messages.append(Measured(job.run_id, Measurement(job.steps, metrics)))
        state = RunState.INFEASIBLE if value is None else RunState.COMPLETED
        reason = "diverged at step 1" if value is None else None
        self._messages.append(Finished(job.run_id, state, reason))

    def drop(self, *, save: bool) -> None:
        del save
        self._messages.clear()

    def messages(self, timeout: float) -> Iterator[Message]:
        del timeout
        for _ in range(len(self._messages)):
            yield self._messages.popleft()


def _hurry(connection: sqlite3.Connection, record: Any) -> None:
    connection.execute("pragma synchronous = off")


class PretendedLaboratory:
    """Runs studies into one database."""

    def __init__(self, folder: Path) -> None:
        self._database = create_or_open(f"sqlite:///{folder / 'study.db'}")
        # No waiting for the disk: nobody pulls the plug here.
        self._database.close()
        event.listen(self._database._writer, "connect", _hurry)

    def run(
        self, study: Study, formula: Formula, name: str | None = None, runs: int | None = None
    ) -> None:
        """Submit a study as a group and run it to its end, or for so many runs."""
        finished: list[object] = []
        with self._database.write() as connection:
            group = submit(connection, study, name or study.name)
        with owning(
            self._database,
            group,
            Pretender(formula),
            lambda active, message: finished.append(active),
            lambda: runs is not None and len(finished) >= runs,
        ) as controller:
            controller.run()

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        with self._database.read() as connection:
            yield connection

    def close(self) -> None:
        self._database.close()
