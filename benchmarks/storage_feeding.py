"""A real controller, fed by 200 runs at once that report as fast as it listens.

Only the training is made up, and messages come as objects, not as lines of a pipe: the group is
submitted, leased, dispatched and recorded as any other.
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import text

from shampoo_tune.storage.database import Database, create_or_open
from shampoo_tune.study import Measurement, RunState, study_name
from shampoo_tune.tuner.messages import Finished, Job, Measured, Message, Started
from shampoo_tune.tuner.ownership import owning
from shampoo_tune.tuner.study_file.loading import parse_study_file
from shampoo_tune.tuner.submission import submit
from shampoo_tune.workloads import WORKLOADS

WORKERS = 200
_METRICS = WORKLOADS["mlp_digits"].metrics
_FILE = """\
version: 1
name: fed
workload: {name: mlp_digits}
budget: {steps: 100, trials: 600, finalists: 1, finalist_seeds: 1, seeds: 1, eval_every: 1}
optimizers:
  nesterov:
    learning_rate: {min: 1e-2, max: 1, scale: log}
    momentum: {min: 0.5, max: 0.99, scale: one_minus_log}
"""
_STUDY = study_name("fed", "nesterov", 0)


@dataclass
class _Worker:
    """One that evaluates after every step; `pace` is its chance to do so while others do."""

    pace: float
    job: Job | None = None
    step: int = 0


@dataclass
class Workers:
    """A dispatcher whose workers are done with a step, or nearly, whenever they are listened to.

    Attributes:
        measured: evaluations that were handed over so far.
    """

    count: int = WORKERS
    measured: int = 0
    _random: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311

    def __post_init__(self) -> None:
        paces = [0.5 + 0.5 * n / self.count for n in range(self.count)]
        self._workers = [_Worker(pace) for pace in paces]

    def idle(self) -> int:
        """How many workers have nothing to do."""
        return sum(worker.job is None for worker in self._workers)

    def submit(self, job: Job) -> None:
        """Give a job to the first of them."""
        worker = next(worker for worker in self._workers if worker.job is None)
        worker.job, worker.step = job, 0

    def drop(self, *, save: bool) -> None:
        """Forget all jobs."""
        del save
        for worker in self._workers:
            worker.job = None

    def messages(self, timeout: float) -> Iterator[Message]:
        """At most one evaluation a worker."""
        del timeout
        for worker in self._workers:
            if worker.job is not None and self._random.random() < worker.pace:
                yield from self._evaluate(worker, worker.job)

    def _evaluate(self, worker: _Worker, job: Job) -> Iterator[Message]:
        if worker.step == 0:
            yield Started(job.run_id, {"host": "here", "device_kind": "cpu"})
        worker.step += job.eval_every
        self.measured += 1
        values = {metric: self._random.random() for metric in _METRICS}
        yield Measured(job.run_id, Measurement(worker.step, values))
        if worker.step == job.steps:
            worker.job = None
            timings = {"seconds": 1.0, "compile_seconds": 0.0, "evaluation_seconds": 0.5}
            yield Finished(job.run_id, RunState.COMPLETED, None, timings)


@dataclass(frozen=True)
class Fed:
    """What the controller recorded, in how many seconds on the wall and of this process."""

    measurements: int
    wall: float
    cpu: float


def feed(address: str, runs: int = 600, steps: int = 100, workers: int = WORKERS) -> Fed:
    """Run a search of so many runs in an empty database, and count what is in it then.

    Raises:
        AssertionError: not every value of every evaluation is there.
    """
    overrides = (f"budget.trials={runs}", f"budget.steps={steps}")
    file = parse_study_file(_FILE, "fed.yaml", overrides, WORKLOADS).study
    with create_or_open(address) as database:
        with database.write() as connection:
            group = submit(connection, file, file.name)
        fed = Workers(workers)
        done = lambda: fed.measured >= runs * steps  # noqa: E731
        with owning(database, group, fed, lambda *_: None, done) as controller:
            wall, cpu = time.perf_counter(), time.process_time()
            controller.run()
            spent = Fed(fed.measured, time.perf_counter() - wall, time.process_time() - cpu)
        assert _stored(database) == len(_METRICS) * fed.measured
    return spent


def _stored(database: Database) -> int:
    query = text("select count(*) from v1_curves where study = :study and phase = 'search'")
    with database.read() as connection:
        return int(connection.scalar(query, {"study": _STUDY}) or 0)
