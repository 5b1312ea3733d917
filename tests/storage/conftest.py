"""Empty databases of both engines, and one with a study whose runs a test fills in.

Tests that take `url`, `make_filled` or `crowd` are the contract of the storage: they run on SQLite
and on PostgreSQL.
"""

import itertools
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row

from shampoo_tune.storage import queries, records
from shampoo_tune.storage.attempts import finish_attempt, start_attempt
from shampoo_tune.storage.database import Database, create_or_open
from shampoo_tune.storage.measurements import add_measurements
from shampoo_tune.storage.records import NewStudy, NewTrial
from shampoo_tune.storage.seed_medians import ensure_median_ranks
from shampoo_tune.study import AttemptState, Measurement, Phase, RunState, run_seed
from tests.postgresql import Server

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
                self.record(connection, run.run_id, curve)

    def record(self, connection: Any, run_id: int, curve: tuple[float, float] | None) -> None:
        """An attempt that measured this and came to its verdict."""
        attempt = start_attempt(connection, run_id, {})
        values = zip((5, 10), curve or (0.0,), strict=False)
        curves = [Measurement(step, dict.fromkeys(METRICS, value)) for step, value in values]
        add_measurements(connection, [(attempt, measurement) for measurement in curves])
        finish_attempt(
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


ENGINES = ("sqlite", "postgresql")
MakeUrl = Callable[[], str]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Which engine; `@pytest.mark.parametrize("engine", ["sqlite"])` leaves the other out."""
    return str(request.param)


@pytest.fixture(scope="session")
def sqlite_urls(tmp_path_factory: pytest.TempPathFactory) -> MakeUrl:
    """Makes new databases with tables in them, as files."""
    folder, numbers = tmp_path_factory.mktemp("databases"), itertools.count()
    _create(f"sqlite:///{folder / 'empty.db'}")

    def make() -> str:
        path = folder / f"{next(numbers)}.db"
        shutil.copy(folder / "empty.db", path)
        return f"sqlite:///{path}"

    return make


@pytest.fixture(scope="session")
def postgresql_urls(postgresql: Server) -> MakeUrl:
    """Makes new databases with tables in them, on a server."""
    empty = postgresql.make_database()
    _create(empty)
    return lambda: postgresql.make_database(empty)


def _create(url: str) -> None:
    with create_or_open(url) as database, database.write() as connection:
        ensure_median_ranks(connection, 60)


@pytest.fixture
def make_url(engine: str, request: pytest.FixtureRequest) -> MakeUrl:
    """Makes new databases with tables in them."""
    make: MakeUrl = request.getfixturevalue(f"{engine}_urls")
    return make


@pytest.fixture
def url(engine: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database without tables; on SQLite there is not even a file."""
    if engine == "sqlite":
        return f"sqlite:///{tmp_path / 'study.db'}"
    server: Server = request.getfixturevalue("postgresql")
    return server.make_database()


@pytest.fixture
def make_filled(make_url: MakeUrl) -> Iterator[Any]:
    """Makes a `Filled` in a database of its own, with columns of the study replaced."""
    opened = []

    def make(**changes: Any) -> Filled:
        database = create_or_open(make_url())
        opened.append(database)
        with database.write() as connection:
            group_id = records.create_group(connection, GROUP, [new_study(**changes)])
            study = queries.studies_of(connection, group_id)[0]
        return Filled(database, study)

    yield make
    for database in opened:
        database.close()


@pytest.fixture(scope="session", params=ENGINES)
def crowd(request: pytest.FixtureRequest) -> Iterator[Any]:
    """A database for studies of random histories."""
    from tests.storage.histories import Crowd

    make: MakeUrl = request.getfixturevalue(f"{request.param}_urls")
    with create_or_open(make()) as database:
        yield Crowd(database)
