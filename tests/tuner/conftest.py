"""A launch in this process, with real workers and a real database."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from shampoo_tune.storage.database import create_or_open, open_existing
from shampoo_tune.tuner.controller import ActiveRun, OnFinished
from shampoo_tune.tuner.launching import launch
from shampoo_tune.tuner.local_workers import LocalWorkers
from shampoo_tune.tuner.messages import Finished
from shampoo_tune.tuner.study_file.loading import parse_study_file
from shampoo_tune.tuner.study_file.model import Study
from shampoo_tune.tuner.submission import submit
from shampoo_tune.tuner.summary import GroupSummary
from shampoo_tune.workloads import WORKLOADS
from tests.conftest import QUICK


def quick_study(*overrides: str, text: str = QUICK) -> Study:
    return parse_study_file(text, "quick.yaml", overrides, WORKLOADS).study


class Laboratory:
    """Launches studies into one database and remembers what finished."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'study.db'}"
        self.finished: list[tuple[ActiveRun, Finished]] = []

    def launch(self, study: Study, workers: int = 2) -> GroupSummary:
        return launch(
            study,
            study.name,
            self.url,
            open_dispatcher=lambda: LocalWorkers(workers),
            show_progress=self.show,
            say=print,
        )

    def submit(self, study: Study) -> None:
        """Create the group and train nothing."""
        with create_or_open(self.url) as database, database.write() as connection:
            submit(connection, study, study.name)

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        with open_existing(self.url) as database, database.read() as connection:
            yield connection

    @contextlib.contextmanager
    def show(self, summary: GroupSummary) -> Iterator[OnFinished]:
        yield lambda active, message: self.finished.append((active, message))


@pytest.fixture
def laboratory(tmp_path: Path) -> Laboratory:
    return Laboratory(tmp_path)


@pytest.fixture
def another_laboratory(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Laboratory]:
    return lambda: Laboratory(tmp_path_factory.mktemp("laboratory"))
