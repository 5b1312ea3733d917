"""`shampoo_tune.open(database)`: what a database knows, as pandas DataFrames."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import pandas as pd
from sqlalchemy import ColumnElement, Connection, column, select, table

from shampoo_tune import frames
from shampoo_tune.errors import InvalidInputError, NotFoundError
from shampoo_tune.frames import View, read_view
from shampoo_tune.storage import queries
from shampoo_tune.storage.addresses import address_of
from shampoo_tune.storage.database import Reader, open_existing
from shampoo_tune.study import Phase


def open(database: str | Path | None = None) -> "Results":  # noqa: A001  (as gzip has it)
    """Open a database for reading; close it, or use it in a `with` block.

    Args:
        database: its address, or the path of an SQLite file; by default SHAMPOO_TUNE_DB, and
            without that `sqlite:///shampoo-tune.db`.

    Raises:
        NotFoundError: there is none.
        InvalidInputError: the address is not one, or cannot be reached.
        DatabaseVersionError: it needs `shampoo-tune db upgrade`.
    """
    return Results(open_existing(address_of(database)))


class Results:
    """A database that is only read. Every method is one question about one moment.

    `study` is `group/arm`, `group/arm#replicate`, or a group's name for all its studies, which the
    column `study` then tells apart. NaN and NA both mean missing; `isna()` finds them.
    """

    def __init__(self, database: Reader) -> None:
        self._database = database

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; the frames stay."""
        self._database.close()

    def studies(self) -> pd.DataFrame:
        """All studies, oldest first, a row each. `target` is NaN if the study has none."""
        with self._database.read() as connection:
            return read_view(connection, frames.STUDIES, queries.metrics_of(connection))

    def trials(self, study: str) -> pd.DataFrame:
        """The points of the search, a row each, with columns `params_<name>`.

        A whole number written as one (4) is Int64, any other number float64, true or false boolean,
        the rest string; a conditional parameter that a trial does not have is NA.

        `search_value`, `best_value` and `best_step` are missing unless `state` is completed: an
        infeasible trial has no value, and `reason` says why; one that is queued, running, failed or
        cancelled has none yet. `seconds` is NaN until the verdict.

        Raises:
            NotFoundError: no group or study has that name.
        """
        with self._database.read() as connection:
            studies = _named(connection, study)
            frame = _read(connection, frames.TRIALS, studies)
            rows = list(_parameter_rows(connection, studies, frame))
        return frame.join(frames.parameter_columns(rows, len(frame)))

    def curves(
        self,
        study: str,
        metric: str | None = None,
        phase: str | None = None,
        trials: int | Iterable[int] | None = None,
    ) -> pd.DataFrame:
        """What runs measured at each evaluation, a row for each metric; nothing is missing.

        Runs have rows once their verdict is in: an infeasible run up to where it diverged, a
        queued, running, failed or cancelled one none.

        Args:
            study: its name, or a group's.
            metric: only this one.
            phase: only `search`, `finalists` or `final`.
            trials: only this trial, or these.

        Raises:
            NotFoundError: no group or study has that name, or no trial that number.
            InvalidInputError: the study has no such metric, or there is no such phase.
        """
        with self._database.read() as connection:
            studies = _named(connection, study)
            conditions = []
            if metric is not None:
                _require("metric", metric, queries.metrics_of(connection, studies))
                conditions.append(column("metric") == metric)
            if phase is not None:
                _require("phase", phase, [known.value for known in Phase])
                conditions.append(column("phase") == phase)
            if trials is not None:
                numbers = [trials] if isinstance(trials, int) else [int(n) for n in trials]
                _require_trials(connection, studies, numbers)
                conditions.append(column("trial").in_(numbers))
            return _read(connection, frames.CURVES, studies, *conditions)

    def seed_medians(self, study: str) -> pd.DataFrame:
        """Medians over seeds and their intervals, a row for each trial, phase and metric.

        An infeasible run counts as the worst value. `median` is NaN where a middle value is
        infeasible, `ci_low` and `ci_high` there too and under six seeds, `reached` is NA for
        metrics without a target, and `median_steps_to_target` NaN where a middle run never got
        there.

        Raises:
            NotFoundError: no group or study has that name.
        """
        return self._of(frames.SEED_MEDIANS, study)

    def steps_to_target(self, study: str) -> pd.DataFrame:
        """The first evaluated step at or past the target, a row for each run with a verdict.

        `steps` is NA if the run never got there, is infeasible, or the study has no target.

        Raises:
            NotFoundError: no group or study has that name.
        """
        return self._of(frames.STEPS_TO_TARGET, study)

    def best_configs(self, study: str | None = None) -> pd.DataFrame:
        """Approved configurations and their history, oldest first; the newest of an alias counts.

        `note` is NA where none was given. Without `study`, those of all studies.

        Raises:
            NotFoundError: no group or study has that name.
        """
        if study is not None:
            return self._of(frames.BEST_CONFIGS, study)
        with self._database.read() as connection:
            return read_view(connection, frames.BEST_CONFIGS, ())

    def _of(self, view: View, study: str) -> pd.DataFrame:
        with self._database.read() as connection:
            return _read(connection, view, _named(connection, study))


def _named(connection: Connection, name: str) -> list[str]:
    """The studies of a group in the order of its file, or the one study of that name."""
    if "/" in name:
        return [queries.require_study(connection, name).name]
    group = queries.require_group(connection, name)
    return [study.name for study in queries.studies_of(connection, group.id)]


def _read(
    connection: Connection, view: View, studies: Sequence[str], *conditions: ColumnElement[bool]
) -> pd.DataFrame:
    """Study by study, as the views are fast for a question about one."""
    metrics = queries.metrics_of(connection, studies)
    parts = [
        read_view(connection, view, metrics, column("study") == study, *conditions)
        for study in studies
    ]
    return pd.concat(parts, ignore_index=True)


def _parameter_rows(
    connection: Connection, studies: Sequence[str], trials: pd.DataFrame
) -> Iterator[tuple[int, str, float | None, str]]:
    """Row in `trials`, name, value as a number, value as text."""
    keys = zip(trials["study"], trials["trial"], strict=True)
    positions = {key: position for position, key in enumerate(keys)}
    columns: list[ColumnElement[Any]] = [
        column(name) for name in ("trial", "name", "value_number", "value_text")
    ]
    query = select(*columns).select_from(table("v1_trial_parameters"))
    for study in studies:
        for trial, *values in connection.execute(query.where(column("study") == study)):
            yield positions[study, trial], *values


def _require(what: str, name: str, known: Sequence[str]) -> None:
    if name not in known:
        raise InvalidInputError(f"unknown {what} {name!r}: choose from {', '.join(known)}")


def _require_trials(connection: Connection, studies: Sequence[str], numbers: Iterable[int]) -> None:
    query: Any = select(column("trial")).select_from(table("v1_trials"))
    known = set(connection.scalars(query.where(column("study").in_(studies))))
    unknown = sorted(set(numbers) - known)
    if unknown:
        raise NotFoundError(
            f"no trial {unknown[0]} in {', '.join(studies)}, which has {len(known)} from 0 on"
        )
