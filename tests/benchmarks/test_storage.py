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
