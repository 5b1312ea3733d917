"""Typed DataFrames of the public views: the types are declared here, not guessed from rows."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Connection, column, select, table

from shampoo_tune.storage.tables import UtcDateTime
from shampoo_tune.study import GroupState, Phase, RunState

_ROWS_AT_ONCE = 50_000  # so that rows as Python objects never fill the memory
_TIME = "datetime64[us, UTC]"
_GROUP_STATE = pd.CategoricalDtype([state.value for state in GroupState])
_RUN_STATE = pd.CategoricalDtype([state.value for state in RunState])
_PHASE = pd.CategoricalDtype([phase.value for phase in Phase], ordered=True)
_METRIC = "metric"  # a category of the metrics that the studies announced
_WHOLE = re.compile(r"-?\d+")


@dataclass(frozen=True)
class View:
    """A public view as a frame: the dtype of each column, and the columns that order the rows."""

    name: str
    columns: Mapping[str, Any]
    order: tuple[str, ...]


STUDIES = View(
    "v1_studies",
    {
        "study": "string", "group_name": "string", "arm": "string", "replicate": "int64",
        "workload": "string", "metric": _METRIC, "goal": "string", "target": "float64",
        "steps": "int64", "trials": "int64", "finalists": "int64", "seeds": "int64",
        "state": _GROUP_STATE, "created_at": _TIME,
    },
    order=("created_at", "study"),
)  # fmt: skip
TRIALS = View(
    "v1_trials",
    {
        "study": "string", "trial": "int64", "state": _RUN_STATE, "reason": "string",
        "objective": "string", "search_value": "float64", "best_value": "float64",
        "seconds": "float64", "best_step": "Int64",
    },
    order=("trial",),
)  # fmt: skip
CURVES = View(
    "v1_curves",
    {
        "study": "string", "trial": "int64", "phase": _PHASE, "seed": "int64", "step": "int64",
        "metric": _METRIC, "value": "float64",
    },
    order=("trial", "phase", "seed", "step", "metric"),
)  # fmt: skip
SEED_MEDIANS = View(
    "v1_seed_medians",
    {
        "study": "string", "trial": "int64", "phase": _PHASE, "metric": _METRIC, "goal": "string",
        "seeds": "int64", "infeasible": "int64", "reached": "Int64", "median": "float64",
        "ci_low": "float64", "ci_high": "float64", "median_steps_to_target": "float64",
    },
    order=("trial", "phase", "metric"),
)  # fmt: skip
STEPS_TO_TARGET = View(
    "v1_steps_to_target",
    {
        "study": "string", "trial": "int64", "phase": _PHASE, "seed": "int64", "steps": "Int64",
    },
    order=("trial", "phase", "seed"),
)  # fmt: skip
BEST_CONFIGS = View(
    "v1_best_configs",
    {
        "study": "string", "trial": "int64", "alias": "string", "digest": "string",
        "approved_at": _TIME, "note": "string",
    },
    order=("approved_at", "study", "trial"),
)  # fmt: skip


def read_view(
    connection: Connection, view: View, metrics: Sequence[str], *conditions: ColumnElement[bool]
) -> pd.DataFrame:
    """The rows of a view that meet all conditions.

    Args:
        connection: any transaction.
        view: which.
        metrics: all that may stand in the column `metric`.
        conditions: on the view's columns.
    """
    dtypes = {
        name: pd.CategoricalDtype(list(metrics)) if dtype is _METRIC else dtype
        for name, dtype in view.columns.items()
    }
    columns = [column(n, UtcDateTime) if d is _TIME else column(n) for n, d in dtypes.items()]
    query = select(*columns).select_from(table(view.name)).where(*conditions)
    rows = connection.execute(query, execution_options={"yield_per": _ROWS_AT_ONCE})
    parts = [_frame(part, dtypes) for part in rows.partitions()] or [_frame((), dtypes)]
    frame = pd.concat(parts, ignore_index=True)
    return frame.sort_values(list(view.order), ignore_index=True)


def _frame(rows: Sequence[Sequence[Any]], dtypes: Mapping[str, Any]) -> pd.DataFrame:
    columns: Iterable[Sequence[Any]] = zip(*rows, strict=True) if rows else repeat(())
    named = zip(dtypes.items(), columns, strict=False)
    return pd.DataFrame(
        {name: pd.Series(list(values), dtype=dtype) for (name, dtype), values in named}
    )


def parameter_columns(
    rows: Iterable[tuple[int, str, float | None, str]], length: int
) -> pd.DataFrame:
    """A column `params_<name>` for each hyperparameter, with the type that all its values have.

    Args:
        rows: row of the frame, name, value as a number, value as text.
        length: rows of the frame; one without a value of the parameter is NA.
    """
    named: dict[str, list[tuple[int, float | None, str]]] = {}
    for position, name, number, text in rows:
        named.setdefault(name, []).append((position, number, text))
    columns = {f"params_{name}": _parameter(named[name], length) for name in sorted(named)}
    return pd.DataFrame(columns, index=range(length))


def _parameter(values: Sequence[tuple[int, float | None, str]], length: int) -> "pd.Series[Any]":
    positions, numbers, texts = zip(*values, strict=True)
    dtype, typed = _typed(numbers, texts)
    scattered: list[Any] = [None] * length
    for position, value in zip(positions, typed, strict=True):
        scattered[position] = value
    return pd.Series(scattered, dtype=dtype)


def _typed(numbers: Sequence[float | None], texts: Sequence[str]) -> tuple[str, Sequence[Any]]:
    """The dtype of values, and the values as it takes them."""
    if None not in numbers:
        if all(map(_WHOLE.fullmatch, texts)):
            return "Int64", [int(text) for text in texts]
        return "float64", numbers
    if set(texts) <= {"True", "False"}:
        return "boolean", [text == "True" for text in texts]
    return "string", texts
