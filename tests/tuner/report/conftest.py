"""A group of two arms that was trained for real, and a study whose values tests replace.

Some trials of the arm `wild` diverge.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from shampoo_tune.tuner.study_data import StudyData
from shampoo_tune.tuner.study_loading import load_studies
from tests.conftest import QUICK
from tests.tuner.conftest import Laboratory, quick_study
from tests.tuner.pretending import PretendedLaboratory

TWO_ARMS = (
    QUICK
    + """\
  wild:
    optimizer: nesterov
    learning_rate: {min: 0.1, max: 1e7, scale: log}
    momentum: {values: [0.5, 0.9]}
"""
)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """A database with the group `quick`, trained to its end; no test changes it."""
    laboratory = Laboratory(tmp_path_factory.mktemp("trained"))
    laboratory.launch(quick_study(text=TWO_ARMS))
    return laboratory


@pytest.fixture
def connection(trained: Laboratory) -> Iterator[Connection]:
    """A read transaction on the trained group."""
    with trained.read() as opened:
        yield opened


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> StudyData:
    """A completed study of `valid_accuracy`, to maximise, whose values mean nothing."""
    laboratory = PretendedLaboratory(tmp_path_factory.mktemp("base"))
    laboratory.run(quick_study(), lambda point, seed: 0.5)
    with laboratory.read() as connection:
        (study,) = load_studies(connection, "quick")
    laboratory.close()
    return study
