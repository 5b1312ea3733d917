"""The trials of the large database as an Optuna study, for the dashboard that is measured beside.

Rows are written in bulk: `study.add_trial` takes minutes for ten thousand trials with curves.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

import optuna
from optuna.storages._rdb import models
from sqlalchemy import Connection, create_engine, insert

from shampoo_tune.storage import queries
from shampoo_tune.storage.results import curve_rows
from shampoo_tune.study import Phase
from shampoo_tune.tuner.study_data import StudyData
from shampoo_tune.tuner.study_loading import load_study

_ROWS_AT_ONCE = 20_000
_WHEN = datetime(2026, 1, 1)  # noqa: DTZ001  (as Optuna stores times)


def copy_to_optuna(connection: Connection, study_name: str, path: Path) -> None:
    """Write a study's search runs, parameters and curves of its metric to a new SQLite file."""
    url = f"sqlite:///{path}"
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    optuna.create_study(storage=url, study_name="large", direction="maximize")
    row = queries.require_study(connection, study_name)
    study = load_study(connection, row)
    engine = create_engine(url)
    with engine.begin() as target:
        _insert(target, models.TrialModel, _trials(study))
        _insert(target, models.TrialParamModel, _parameters(study))
        _insert(target, models.TrialValueModel, _values(study))
        curves = curve_rows(connection, row.id, row.metric, Phase.SEARCH)
        _insert(target, models.TrialIntermediateValueModel, _steps(curves))
    engine.dispose()


def _insert(target: Connection, model: Any, rows: Iterator[dict[str, Any]]) -> None:
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        target.execute(insert(model.__table__), some)


def _trials(study: StudyData) -> Iterator[dict[str, Any]]:
    for number in range(len(study.points)):
        yield {
            "trial_id": number + 1,
            "number": number,
            "study_id": 1,
            "state": "PRUNED" if number in study.reasons else "COMPLETE",
            "datetime_start": _WHEN,
            "datetime_complete": _WHEN,
        }


def _parameters(study: StudyData) -> Iterator[dict[str, Any]]:
    unit = optuna.distributions.FloatDistribution(0.0, 1.0)
    written = optuna.distributions.distribution_to_json(unit)
    for number, units in enumerate(study.units.tolist()):
        for name, value in zip(study.space.dimensions, units, strict=True):
            yield {
                "trial_id": number + 1,
                "param_name": name,
                "param_value": value,
                "distribution_json": written,
            }


def _values(study: StudyData) -> Iterator[dict[str, Any]]:
    for number, value in enumerate(study.search.tolist()):
        if number not in study.reasons:
            yield {"trial_id": number + 1, "objective": 0, "value": value, "value_type": "FINITE"}


def _steps(curves: Sequence[Any]) -> Iterator[dict[str, Any]]:
    for trial, _, step, value in curves:
        yield {
            "trial_id": trial + 1,
            "step": step,
            "intermediate_value": value,
            "intermediate_value_type": "FINITE",
        }
