"""Databases of studies whose training is a formula, and an application of each."""

import contextlib
import math
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from shampoo_tune.dashboard.access import access_for
from shampoo_tune.dashboard.app import create_app
from shampoo_tune.storage import queries
from shampoo_tune.storage.approvals import add_approval
from shampoo_tune.storage.database import Reader, create_or_open, open_existing
from shampoo_tune.tuner.controller import OnFinished
from shampoo_tune.tuner.ladder.declaration import declare
from shampoo_tune.tuner.ladder.running import run_ladder
from shampoo_tune.tuner.messages import Job
from shampoo_tune.tuner.summary import GroupSummary
from tests.conftest import QUICK
from tests.tuner.conftest import quick_study
from tests.tuner.ladder.puppets import Puppets
from tests.tuner.pretending import Formula, PretendedLaboratory

TWO_ARMS = (
    QUICK.replace("trials: 4", "trials: 20")
    + """\
  adamw:
    learning_rate: {min: 1e-3, max: 1e-1, scale: log}
    beta1: {min: 0.5, max: 0.97, scale: one_minus_log}
"""
)


def accuracy(point: dict[str, object], seed: int) -> float | None:
    """A value that depends on the learning rate and the seed; high rates diverge."""
    rate = float(str(point["learning_rate"]))
    if rate > 0.45:
        return None
    return round(359 * (0.85 + 0.2 * min(rate, 0.4) + 0.0005 * (seed * 7 % 23))) / 359


@dataclass
class Place:
    """A database and where it is."""

    address: str

    def client(self) -> TestClient:
        """A client of a dashboard that only this machine can reach."""
        return client_of(open_existing(self.address))


def client_of(reader: Reader) -> TestClient:
    """A client of a dashboard of an opened database, which is closed with it."""
    app = create_app(reader, access_for("127.0.0.1", None))
    client = TestClient(app, base_url="http://127.0.0.1:8088", raise_server_exceptions=False)
    weakref.finalize(client, reader.close)
    return client


@pytest.fixture(scope="session")
def completed(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The group `quick` of two arms, completed; its nesterov is approved. No test changes it."""
    folder = tmp_path_factory.mktemp("completed")
    run_group(folder, accuracy)
    address = f"sqlite:///{folder / 'study.db'}"
    with create_or_open(address) as database, database.write() as connection:
        row = queries.require_study(connection, "quick/nesterov")
        winner = queries.final_trial(connection, row.id)
        assert winner is not None
        trial = queries.trial_of(connection, row.id, winner)
        add_approval(
            connection, trial.id, {"digest": "sha256:1"}, author="me@here", note="<b>good</b>"
        )
    return Place(address)


@pytest.fixture(scope="session")
def client(completed: Place) -> Iterator[TestClient]:
    """A client of the completed group."""
    with completed.client() as opened:
        yield opened


@pytest.fixture(scope="session")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """The finished ladder `climb` of two arms at 30, 15 and 8 steps. No test changes it."""
    address = f"sqlite:///{tmp_path_factory.mktemp('ladder') / 'study.db'}"
    climb_ladder(address)
    return Place(address)


@pytest.fixture
def partial(tmp_path: Path) -> Callable[..., TestClient]:
    """Makes a client of a group that was stopped after so many runs."""

    def make(runs: int, formula: Formula = accuracy) -> TestClient:
        run_group(tmp_path, formula, runs)
        return Place(f"sqlite:///{tmp_path / 'study.db'}").client()

    return make


def run_group(folder: Path, formula: Formula, runs: int | None = None) -> None:
    """Run `TWO_ARMS` into a database of the folder."""
    laboratory = PretendedLaboratory(folder)
    laboratory.run(quick_study(text=TWO_ARMS), formula, runs=runs)
    laboratory.close()


def climb_ladder(address: str, most: int | None = None) -> None:
    """Run the ladder `climb`, until so many runs have finished if that is given."""
    small = ("budget.trials=3", "budget.finalists=1", "budget.finalist_seeds=1", "budget.seeds=10")
    finished: list[object] = []

    @contextlib.contextmanager
    def counting(summary: GroupSummary) -> Iterator[OnFinished]:
        yield lambda active, message: finished.append(message)

    run_ladder(
        declare(quick_study(*small, text=TWO_ARMS), "climb", 0.5, 3),
        address,
        open_dispatcher=lambda: Puppets(_climbing),
        show_progress=counting,
        say=print,
        should_stop=lambda: most is not None and len(finished) >= most,
    )


def _climbing(job: Job) -> float:
    """Half of the seeds reach 0.9 with 16 steps, or with 11 for the arm `adamw`."""
    middle = 11 if job.configuration["optimizer"] == "adamw" else 16
    return 0.9 + 0.1 * math.log(job.steps / middle) + 0.02 * (job.seed % 10 / 10 - 0.45)
