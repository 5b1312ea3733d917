"""Optuna's RDBStorage: filled in bulk through its own models, asked through its own API.

A database that `fill` made answers as one that Optuna's `ask`, `report` and `tell` made; a test
compares the two.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    distribution_to_json,
)
from optuna.storages import RDBStorage
from optuna.storages._rdb import models
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import Connection, insert, text

# The search space of `large_database`, as somebody who tunes with Optuna would write it.
SPACE: dict[str, BaseDistribution] = {
    "beta1": FloatDistribution(0.5, 0.97),
    "beta2": FloatDistribution(0.5, 0.999),
    "exponent_override": CategoricalDistribution([0, 2, 4, 8]),
    "learning_rate": FloatDistribution(1e-2, 10, log=True),
    "matrix_epsilon": FloatDistribution(1e-6, 1e-1, log=True),
    "weight_decay": FloatDistribution(1e-6, 1e-2, log=True),
}
_TRIALS_AT_ONCE = 500
_SOME = "study = :study and trial >= :first and trial < :end"
_FINITE = models.TrialValueModel.TrialValueType.FINITE
_FINITE_STEP = models.TrialIntermediateValueModel.TrialIntermediateValueType.FINITE

optuna.logging.set_verbosity(optuna.logging.WARNING)


@dataclass(frozen=True)
class Recorded:
    """A trial that has ended; one without a value has failed."""

    parameters: Mapping[str, Any]
    value: float | None
    curve: Sequence[tuple[int, float]]  # step and value, in the order they were reported


@contextmanager
def opened(address: str) -> Iterator[RDBStorage]:
    """Optuna's storage, without connections that stay open; creates the tables if need be."""
    storage = RDBStorage(address)
    try:
        yield storage
    finally:
        storage.remove_session()
        storage.engine.dispose()


def fill(
    storage: RDBStorage,
    study: str,
    trials: Iterable[Recorded],
    space: Mapping[str, BaseDistribution] = SPACE,
) -> None:
    """Write a study that maximises.

    Args:
        storage: without any trials.
        study: its name.
        trials: in the order of their numbers.
        space: distributions, in the order that trials suggest them.
    """
    made = optuna.create_study(storage=storage, study_name=study, direction="maximize")
    numbered = iter(enumerate(trials))
    while some := list(islice(numbered, _TRIALS_AT_ONCE)):
        with storage.engine.begin() as connection:
            _insert(connection, made._study_id, some, space)


def _insert(
    connection: Connection,
    study_id: int,
    trials: Sequence[tuple[int, Recorded]],
    space: Mapping[str, BaseDistribution],
) -> None:
    """Write trials; a trial's id is its number + 1, as in any database of one study."""
    rows: list[tuple[Any, Iterator[dict[str, Any]]]] = [
        (models.TrialModel, _trial_rows(study_id, trials)),
        (models.TrialParamModel, _parameter_rows(trials, space)),
        (models.TrialValueModel, _value_rows(trials)),
        (models.TrialIntermediateValueModel, _step_rows(trials)),
    ]
    for model, of_model in rows:
        if listed := list(of_model):
            connection.execute(insert(model.__table__), listed)


def _trial_rows(study_id: int, trials: Sequence[tuple[int, Recorded]]) -> Iterator[dict[str, Any]]:
    now = datetime.now(UTC).replace(tzinfo=None)
    for number, trial in trials:
        yield {
            "trial_id": number + 1,
            "number": number,
            "study_id": study_id,
            "state": TrialState.FAIL if trial.value is None else TrialState.COMPLETE,
            "datetime_start": now,
            "datetime_complete": now,
        }


def _parameter_rows(
    trials: Sequence[tuple[int, Recorded]], space: Mapping[str, BaseDistribution]
) -> Iterator[dict[str, Any]]:
    documents = {name: distribution_to_json(space[name]) for name in space}
    for number, trial in trials:
        for name, distribution in space.items():
            yield {
                "trial_id": number + 1,
                "param_name": name,
                "param_value": distribution.to_internal_repr(trial.parameters[name]),
                "distribution_json": documents[name],
            }


def _value_rows(trials: Sequence[tuple[int, Recorded]]) -> Iterator[dict[str, Any]]:
    for number, trial in trials:
        if trial.value is not None:
            yield {
                "trial_id": number + 1,
                "objective": 0,
                "value": trial.value,
                "value_type": _FINITE,
            }


def _step_rows(trials: Sequence[tuple[int, Recorded]]) -> Iterator[dict[str, Any]]:
    for number, trial in trials:
        for step, value in trial.curve:
            yield {
                "trial_id": number + 1,
                "step": step,
                "intermediate_value": value,
                "intermediate_value_type": _FINITE_STEP,
            }


def recorded(connection: Connection, study: str, metric: str, trials: int) -> Iterator[Recorded]:
    """The search of a study of ours, read through the public views in the order of its trials."""
    values = "select trial, search_value from v1_trials where {} order by trial"
    parameters = "select trial, name, value_number from v1_trial_parameters where {}"
    curves = (
        "select trial, step, value from v1_curves"
        " where {} and phase = 'search' and metric = :metric order by trial, step"
    )
    for first in range(0, trials, _TRIALS_AT_ONCE):
        some = {"study": study, "metric": metric, "first": first, "end": first + _TRIALS_AT_ONCE}
        points: dict[int, dict[str, Any]] = defaultdict(dict)
        for trial, name, value in connection.execute(text(parameters.format(_SOME)), some):
            points[trial][name] = value
        measured: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for trial, step, value in connection.execute(text(curves.format(_SOME)), some):
            measured[trial].append((step, value))
        for trial, value in connection.execute(text(values.format(_SOME)), some):
            yield Recorded(points[trial], value, measured[trial])


def best_trial(storage: RDBStorage, study: str) -> FrozenTrial:
    """The best trial of a study; only it is read."""
    return storage.get_best_trial(storage.get_study_id_from_name(study))


def curve(storage: RDBStorage, study: str, number: int) -> dict[int, float]:
    """The measurements of one trial, which is read as a whole."""
    study_id = storage.get_study_id_from_name(study)
    trial_id = storage.get_trial_id_from_study_id_trial_number(study_id, number)
    return storage.get_trial(trial_id).intermediate_values


def first_trials(storage: RDBStorage, study: str) -> int:
    """What a process asks first: all trials of a study; returns how many."""
    return len(optuna.load_study(study_name=study, storage=storage).get_trials())


def summaries(storage: RDBStorage) -> int:
    """The summary of all studies; returns how many trials they have."""
    return sum(summary.n_trials for summary in optuna.get_all_study_summaries(storage))


def enqueue(storage: RDBStorage, points: Iterable[Mapping[str, Any]]) -> None:
    """Enter the points of a design, a call each: Optuna has no other way."""
    study = optuna.create_study(storage=storage, direction="maximize")
    for point in points:
        study.enqueue_trial(dict(point))


def report(storage: RDBStorage, runs: int, steps: int) -> float:
    """Wall seconds in which so many open trials, in turn, report one value a step."""
    study = optuna.create_study(storage=storage, direction="maximize")
    trials = [study.ask() for _ in range(runs)]
    started = time.perf_counter()
    for step in range(1, steps + 1):
        for trial in trials:
            trial.report(0.5, step)
    return time.perf_counter() - started
