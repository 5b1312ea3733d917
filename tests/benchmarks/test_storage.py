"""The comparison is one of equals: both storages hold the same trials, and ours records all."""

from pathlib import Path

import optuna
import pytest
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from benchmarks.optuna_storage import Recorded, fill, opened
from benchmarks.storage import lines
from benchmarks.storage_engines import SqliteFolder
from benchmarks.storage_feeding import feed
from benchmarks.storage_table import Line, table
from tests.postgresql import Server

_SPACE: dict[str, BaseDistribution] = {
    "exponent": CategoricalDistribution([0, 2, 4, 8]),
    "learning_rate": FloatDistribution(1e-2, 10, log=True),
    "width": IntDistribution(1, 9),
}
_FIELDS = ("number", "state", "params", "distributions", "values", "intermediate_values")


@pytest.fixture(params=["sqlite", "postgresql"])
def addresses(request: pytest.FixtureRequest, tmp_path: Path) -> list[str]:
    """Two empty databases on one engine."""
    if request.param == "sqlite":
        return [f"sqlite:///{tmp_path / name}.db" for name in ("one", "two")]
    server: Server = request.getfixturevalue("postgresql")
    return [server.make_database() for _ in range(2)]


def by_optuna_itself(storage: RDBStorage) -> list[FrozenTrial]:
    """Five trials through Optuna's API, of which the last has failed."""
    sampler = optuna.samplers.RandomSampler(seed=1)
    study = optuna.create_study(
        storage=storage, study_name="s", direction="maximize", sampler=sampler
    )
    for number in range(5):
        trial = study.ask(_SPACE)
        for step in (1, 2, 3):
            trial.report(number + 0.1 * step, step)
        if number < 4:
            study.tell(trial, trial.params["learning_rate"])
        else:
            study.tell(trial, state=TrialState.FAIL)
    return study.get_trials()


def test_a_bulk_filled_study_is_what_optuna_itself_would_have_stored(addresses: list[str]) -> None:
    with opened(addresses[0]) as own, opened(addresses[1]) as filled:
        trials = by_optuna_itself(own)
        fill(filled, "s", [recorded(trial) for trial in trials], _SPACE)
        again = optuna.load_study(study_name="s", storage=filled).get_trials()
    assert [[getattr(t, field) for field in _FIELDS] for t in again] == [
        [getattr(t, field) for field in _FIELDS] for t in trials
    ]
    assert [t.state for t in again] == [TrialState.COMPLETE] * 4 + [TrialState.FAIL]


def recorded(trial: FrozenTrial) -> Recorded:
    curve = list(trial.intermediate_values.items())
    return Recorded(trial.params, trial.values[0] if trial.values else None, curve)


def test_the_controller_records_all_that_many_runs_measure(addresses: list[str]) -> None:
    fed = feed(addresses[0], runs=30, steps=5, workers=7)
    assert fed.measurements == 30 * 5  # `feed` counts the values in the database


def test_every_question_is_asked_of_both(tmp_path: Path) -> None:
    measured = list(lines(SqliteFolder(tmp_path), trials=600, steps=4, fed_runs=20))
    shown = table("SQLite", measured, by_cpu=True)
    assert shown.count("\n") == 2 + len(measured)
    assert {line.limit for line in measured} == {None, 2, 5, 10, 40, 50, 150, 200, 5000}
    size, curve = measured[0], next(line for line in measured if line.question == "one curve")
    assert 0 < size.wall < 40
    assert (curve.optuna or 0) > 0


@pytest.mark.parametrize(("value", "met"), [(9.0, True), (11.0, False)])
def test_a_missed_limit_is_told(value: float, met: bool) -> None:
    line = Line("a question", "ms", value, cpu=1.0, limit=10)
    assert line.met(by_cpu=False) is met
    assert line.met(by_cpu=True)
    assert ("**MISSED**" in list(line.cells(by_cpu=False))) is not met
    assert Line("a rate", "/s", value, limit=10, at_least=True).met(by_cpu=False) is not met
