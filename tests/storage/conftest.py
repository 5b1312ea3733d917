"""A database with a study whose runs a test fills in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row

from shampoo_tune.storage import queries, records
from shampoo_tune.storage.database import Database, create_or_open
from shampoo_tune.storage.records import NewStudy, NewTrial
from shampoo_tune.study import AttemptState, Measurement, Phase, RunState, run_seed

METRICS = ("train_loss", "valid_loss", "valid_accuracy")


@dataclass
class Filled:
    """A database with one group `g`, one study `g/shampoo` and three trials."""

    database: Database
    study: Row[Any]

    def add_final_runs(self, values: Sequence[float | None], *, curve: bool = False) -> None:
        """Final runs of trial 0 with these values of all metrics; None is infeasible.

        Before the last step they are 0, or with `curve` the same.
        """
        self.add_final_curves(
            [None if value is None else (value if curve else 0.0, value) for value in values]
        )

    def add_final_curves(self, curves: Sequence[tuple[float, float] | None]) -> None:
        """Final runs of trial 0 with these values of all metrics at steps 5 and 10."""
        with self.database.write() as connection:
            trial = queries.trials_by_number(connection, self.study.id)[0]
            seeds = [run_seed(0, Phase.FINAL, index) for index in range(len(curves))]
            records.add_runs(
                connection, self.study.id, Phase.FINAL, [(trial.id, seed) for seed in seeds]
            )
            queued = queries.next_runs(connection, self.study.group_id, 10_000)
            runs = [run for run in queued if run.phase is Phase.FINAL]
            for run, curve in zip(runs, curves, strict=True):
                self._record(connection, run.run_id, curve)

    def _record(self, connection: Any, run_id: int, curve: tuple[float, float] | None) -> None:
        attempt = records.start_attempt(connection, run_id, {})
        for step, value in zip((5, 10), curve or (0.0,), strict=False):
            metrics = dict.fromkeys(METRICS, value)
            records.add_measurement(connection, attempt, Measurement(step, metrics))
        records.finish_attempt(
            connection,
            attempt,
            state=AttemptState.COMPLETED,
            run_state=RunState.COMPLETED if curve else RunState.INFEASIBLE,
            reason=None if curve else "diverged at step 7",
            timings={"seconds": 1.0},
        )


def new_study(**changes: Any) -> NewStudy:
    """A study of three trials; `changes` replace columns."""
    columns = {
        "name": "g/shampoo", "arm": "shampoo", "optimizer": "shampoo", "replicate": 0,
        "workload": "mlp_digits", "metric": "valid_accuracy", "goal": "maximize",
        "objective": "final", "target": 0.5, "steps": 10, "trials": 3, "finalists": 2,
        "finalist_seeds": 2, "seeds": 6, "eval_every": 5,
    } | changes  # fmt: skip
    trials = [NewTrial(n, {"learning_rate": 0.1 * (n + 1)}, {"optimizer": "x"}) for n in range(3)]
    return NewStudy(columns, METRICS, trials)


GROUP: dict[str, Any] = {"name": "g", "digest": "d", "document": {}, "provenance": {}}


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of a database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'study.db'}"


@pytest.fixture
def make_filled(url: str) -> Iterator[Any]:
    """Makes a `Filled` with columns of the study replaced."""
    opened = []

    def make(address: str = url, **changes: Any) -> Filled:
        database = create_or_open(address)
        opened.append(database)
        with database.write() as connection:
            group_id = records.create_group(connection, GROUP, [new_study(**changes)])
            for n in range(1, 61):
                records.ensure_median_rank(connection, n)
            study = queries.studies_of(connection, group_id)[0]
        return Filled(database, study)

    yield make
    for database in opened:
        database.close()


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A database for studies of random histories."""
    from tests.storage.histories import Crowd

    with create_or_open(f"sqlite:///{tmp_path_factory.mktemp('crowd') / 'study.db'}") as database:
        yield Crowd(database)
