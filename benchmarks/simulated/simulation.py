"""A group of many runs from its submission to its end, on workers that are only simulated.

The file, the points, the lease, the controller, its retries and the database are real.
"""

import time
from dataclasses import dataclass

from benchmarks.simulated.stored import attempt_counts, phases_of
from benchmarks.simulated.utilisation import makespan, utilisation, utilisation_while_runs_wait
from benchmarks.simulated.virtual_workers import VirtualWorkers
from shampoo_tune.storage.database import Database, create_or_open
from shampoo_tune.study import AttemptState, GroupState
from shampoo_tune.tuner.ownership import owning
from shampoo_tune.tuner.study_file.loading import parse_study_file
from shampoo_tune.tuner.study_file.model import Study
from shampoo_tune.tuner.submission import submit
from shampoo_tune.workloads import WORKLOADS

_ARMS = 2
_FINALISTS, _FINALIST_SEEDS, _SEEDS = 5, 10, 50
_MOST_LAUNCHES = 5
_FILE = """\
version: 1
name: simulated
workload: {name: mlp_digits}
optimizers:
  nesterov:
    learning_rate: {min: 1e-2, max: 1, scale: log}
    momentum: {min: 0.5, max: 0.99, scale: one_minus_log}
  shampoo:
    learning_rate: {min: 1e-2, max: 1, scale: log}
    beta1: {min: 0.5, max: 0.99, scale: one_minus_log}
    matrix_epsilon: {min: 1e-6, max: 1e-1, scale: log}
"""


@dataclass(frozen=True)
class Figures:
    """What a simulated group took.

    Attributes:
        runs: that came to a verdict.
        workers: at most that many at once.
        makespan: virtual seconds until the last run ended.
        utilisation: see `utilisation.py`, as for the next one.
        while_runs_wait: the same while any run waited for a worker.
        seconds: real ones, of the simulation too.
        controller_seconds: CPU time of this process without the simulation's.
        attempts: tries at all runs.
        lost: attempts whose machine was taken away.
        failed: attempts whose code failed.
        launches: 1, and one more for each time that failed runs blocked the group.
    """

    runs: int
    workers: int
    makespan: float
    utilisation: float
    while_runs_wait: float
    seconds: float
    controller_seconds: float
    attempts: int
    lost: int
    failed: int
    launches: int

    @property
    def milliseconds_per_run(self) -> float:
        """CPU time of the controller."""
        return 1000 * self.controller_seconds / self.runs


def group_file(runs: int = 10_000, steps: int = 100, eval_every: int = 10) -> Study:
    """A study file of two arms that makes so many runs, all phases together.

    Args:
        runs: an even number, more than the runs of the last two phases.
        steps: of every run.
        eval_every: steps between evaluations.
    """
    later = _FINALISTS * _FINALIST_SEEDS + _SEEDS
    budget = {
        "trials": runs // _ARMS - later,
        "finalists": _FINALISTS,
        "finalist_seeds": _FINALIST_SEEDS,
        "seeds": _SEEDS,
        "steps": steps,
        "eval_every": eval_every,
    }
    overrides = tuple(f"budget.{name}={value}" for name, value in budget.items())
    return parse_study_file(_FILE, "simulated.yaml", overrides, WORKLOADS).study


def simulate(address: str, file: Study, workers: VirtualWorkers) -> Figures:
    """Run a group to its end in an empty database.

    One that failed runs have blocked is launched again, as its user would.

    Raises:
        AssertionError: it is not completed after a few launches.
    """
    with create_or_open(address) as database:
        wall, cpu, launches = time.perf_counter(), 0.0, 0
        state = GroupState.QUEUED
        while state is not GroupState.COMPLETED:
            assert launches < _MOST_LAUNCHES, state
            state, spent = _launch(database, file, workers)
            launches, cpu = launches + 1, cpu + spent
        return _figures(database, file, workers, launches, time.perf_counter() - wall, cpu)


def _launch(database: Database, file: Study, workers: VirtualWorkers) -> tuple[GroupState, float]:
    """The state that the group came to, and what the controller computed, in seconds."""
    with database.write() as connection:
        group = submit(connection, file, file.name)
    began = time.process_time() - workers.cpu_seconds
    with owning(database, group, workers, lambda *_: None, clock=workers.clock) as controller:
        state = controller.run()
    return state, time.process_time() - workers.cpu_seconds - began


def _figures(
    database: Database,
    file: Study,
    workers: VirtualWorkers,
    launches: int,
    seconds: float,
    controller_seconds: float,
) -> Figures:
    with database.read() as connection:
        phases = phases_of(connection, file.name)
        attempts = attempt_counts(connection)
    stays, count = workers.stays, workers.count
    return Figures(
        runs=len(phases),
        workers=count,
        makespan=makespan(stays),
        utilisation=utilisation(stays, count),
        while_runs_wait=utilisation_while_runs_wait(stays, count, phases),
        seconds=seconds,
        controller_seconds=controller_seconds,
        attempts=sum(attempts.values()),
        lost=attempts.get(AttemptState.LOST, 0),
        failed=attempts.get(AttemptState.FAILED, 0),
        launches=launches,
    )
