"""Writing measurements, a batch at a time."""

import math
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, bindparam, select

from shampoo_tune.storage.inserting import insert_row, insert_rows
from shampoo_tune.storage.tables import Attempt, MeasurementRow, Run, StudyMetric
from shampoo_tune.study import Goal, Measurement

# Built once: they are part of every transaction of a controller.
_STUDIES_OF = (
    select(Attempt.id, Run.study_id)
    .join(Run, Run.id == Attempt.run_id)
    .where(Attempt.id.in_(bindparam("attempts", expanding=True)))
)
_METRICS_OF = select(StudyMetric.study_id, StudyMetric.metric, StudyMetric.id).where(
    StudyMetric.study_id.in_(bindparam("studies", expanding=True))
)


def add_measurements(connection: Connection, measured: Sequence[tuple[int, Measurement]]) -> None:
    """Store what attempts measured, given as (attempt id, measurement).

    Raises:
        ValueError: a value is not finite; nothing is stored.
    """
    for _, measurement in measured:
        if not all(map(math.isfinite, measurement.metrics.values())):
            raise ValueError(f"only finite values are stored, got {measurement}")
    studies = _studies_of(connection, {attempt_id for attempt_id, _ in measured})
    named = {(studies[a], metric) for a, m in measured for metric in m.metrics}
    ids = _metric_ids(connection, named)
    insert_rows(
        connection,
        MeasurementRow.__tablename__,
        ("attempt_id", "metric_id", "step", "value"),
        _rows(measured, studies, ids),
    )


_MetricIds = dict[tuple[int, str], int]  # by study and name


def _rows(
    measured: Sequence[tuple[int, Measurement]], studies: dict[int, int], ids: _MetricIds
) -> Iterator[tuple[int, int, int, float]]:
    for attempt_id, measurement in measured:
        study_id, step = studies[attempt_id], measurement.step
        for metric, value in measurement.metrics.items():
            yield attempt_id, ids[study_id, metric], step, value


def _studies_of(connection: Connection, attempts: set[int]) -> dict[int, int]:
    rows = connection.execute(_STUDIES_OF, {"attempts": list(attempts)})
    return {int(row.id): int(row.study_id) for row in rows}


def _metric_ids(connection: Connection, named: set[tuple[int, str]]) -> _MetricIds:
    """The rows of metrics, created for those that a study did not announce."""
    studies = {study_id for study_id, _ in named}
    rows = connection.execute(_METRICS_OF, {"studies": list(studies)})
    ids = {(study_id, metric): number for study_id, metric, number in rows}
    for study_id, metric in sorted(named - set(ids)):
        goal = goal_of_name(metric)
        ids[study_id, metric] = insert_row(
            connection, StudyMetric, study_id=study_id, metric=metric, goal=goal
        )
    return ids


def goal_of_name(metric: str) -> Goal:
    """The direction of a metric that no file tells."""
    return Goal.MAXIMIZE if metric.endswith("accuracy") else Goal.MINIMIZE
