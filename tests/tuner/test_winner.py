"""Which study a name stands for."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage.queries import require_study
from shampoo_tune.tuner.study_file.loading import digest
from tests.tuner.conftest import Laboratory, quick_study

ARMS = (
    "optimizers={one: {optimizer: nesterov, learning_rate: 1},"
    " two: {optimizer: lamb, learning_rate: 1}}"
)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    laboratory = Laboratory(tmp_path)
    first = quick_study("name=first", ARMS)
    laboratory.submit(first)
    parent = f"parent={{group: first, digest: {digest(first)}}}"
    laboratory.submit(quick_study("name=second", parent, ARMS))
    laboratory.submit(quick_study("name=twice", "budget.studies=2"))
    laboratory.submit(quick_study("name=single"))
    with laboratory.read() as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "study"),
    [
        ("first/one", "first/one"),
        ("second/two", "second/two#1"),
        ("second/two#1", "second/two#1"),
        ("twice/nesterov", "twice/nesterov"),
        ("twice/nesterov#1", "twice/nesterov#1"),
        ("single", "single/nesterov"),
    ],
)
def test_a_name_stands_for_a_study(connection: Connection, name: str, study: str) -> None:
    assert require_study(connection, name).name == study


@pytest.mark.parametrize("name", ["first", "twice", "single/two", "first/one#1", "nothing"])
def test_a_name_that_stands_for_none_or_several_is_not_found(
    connection: Connection, name: str
) -> None:
    with pytest.raises(NotFoundError):
        require_study(connection, name)
