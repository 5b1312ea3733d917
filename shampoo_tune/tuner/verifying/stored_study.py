"""A study read back for the audit: its rows, and what they come to, computed from measurements."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.storage import study_rows
from shampoo_tune.storage.study_rows import Curve, StoredRun
from shampoo_tune.study import Goal, Objective, Phase, RunState
from shampoo_tune.tuner.study_file.loading import Arm, Study

RunValues = Mapping[str, Mapping[str, Any]]  # metric -> RUN_VALUES


@dataclass(frozen=True)
class StoredStudy:
    """A study of a group.

    Attributes:
        row: of the studies table.
        file: the group's file.
        arm: the study's part of it.
        points: number, point and configuration of every trial.
        metrics: their goals.
        runs: in the order that they were queued.
        values: what completed runs came to, by their ids.
        measured_to: the last step that runs with a verdict measured, by their ids.
    """

    row: Row[Any]
    file: Study
    arm: Arm
    points: list[tuple[int, Any, Any]]
    metrics: dict[str, str]
    runs: list[StoredRun]
    values: dict[int, RunValues]
    measured_to: dict[int, int]

    @property
    def name(self) -> str:
        """As in `group/arm`."""
        return str(self.row.name)

    def of(self, phase: Phase) -> list[StoredRun]:
        """The runs of a phase."""
        return [run for run in self.runs if run.phase is phase]

    def configuration(self, trial: int) -> dict[str, Any]:
        """What a trial trains with."""
        (found,) = (stored for number, _, stored in self.points if number == trial)
        return dict(found)

    def value(self, run: StoredRun, metric: str) -> float | None:
        """What counts of a run; None if it is infeasible or did not measure that."""
        values = self.values.get(run.run_id, {}).get(metric)
        if values is None or run.state is not RunState.COMPLETED:
            return None
        best = metric == self.row.metric and self.row.objective == Objective.BEST
        value: float | None = values["best_value" if best else "final_value"]
        return value


def read_study(connection: Connection, row: Row[Any], file: Study) -> StoredStudy:
    """Read a study and compute what its runs came to."""
    runs = study_rows.stored_runs(connection, row.id)
    metrics = study_rows.stored_metrics(connection, row.id)
    judged = {run.last.attempt_id: run for run in runs if run.last}
    values, measured_to = {}, {}
    for attempt_id, curve in study_rows.stored_curves(connection, row.id):
        run = judged.get(attempt_id)
        if run is None:
            continue
        measured_to[run.run_id] = max(step for steps in curve.values() for step in steps)
        if run.state is RunState.COMPLETED:
            values[run.run_id] = _run_values(row, curve, metrics)
    return StoredStudy(
        row=row,
        file=file,
        arm=file.arm(row.arm),
        points=study_rows.stored_points(connection, row.id),
        metrics=metrics,
        runs=runs,
        values=values,
        measured_to=measured_to,
    )


def _run_values(row: Row[Any], curve: Curve, metrics: Mapping[str, str]) -> RunValues:
    return {
        metric: _metric_values(
            steps, Goal(metrics[metric]), row.target if metric == row.metric else None, row.steps
        )
        for metric, steps in curve.items()
    }


def _metric_values(
    values: Mapping[int, float], goal: Goal, target: float | None, last: int
) -> dict[str, Any]:
    sign = 1 if goal is Goal.MAXIMIZE else -1
    best_step = min(values, key=lambda step: (-sign * values[step], step))
    reached = [] if target is None else [s for s in values if sign * values[s] >= sign * target]
    return {
        "final_value": values.get(last),
        "best_value": values[best_step],
        "best_step": best_step,
        "steps_to_target": min(reached, default=None),
    }
