"""The runs of a study one by one, and what each of them measured."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, text

from shampoo_tune.storage.tables import Run, Trial
from shampoo_tune.study import Measurement, Phase, RunState

RunKey = tuple[int, Phase, int]  # trial, phase, seed


@dataclass(frozen=True)
class RunRow:
    """A run as it is stored."""

    run_id: int
    state: RunState
    reason: str | None


def runs_of(connection: Connection, study_id: int) -> dict[RunKey, RunRow]:
    """All runs of a study."""
    query = (
        select(Run.id, Trial.number, Run.phase, Run.seed, Run.state, Run.reason)
        .join(Trial, Trial.id == Run.trial_id)
        .where(Run.study_id == study_id)
    )
    return {
        (row.number, Phase(row.phase), row.seed): RunRow(row.id, RunState(row.state), row.reason)
        for row in connection.execute(query)
    }


def measured_of(connection: Connection, run_id: int) -> Sequence[Measurement]:
    """What the attempt measured that gave a run its verdict, in the order of steps."""
    curve: dict[int, dict[str, float]] = {}
    for step, metric, value in connection.execute(text(_MEASURED), {"run": run_id}):
        curve.setdefault(step, {})[metric] = value
    return [Measurement(step, metrics) for step, metrics in curve.items()]


_MEASURED = """
select m.step, n.metric, m.value
from run_results r
join measurements m on m.attempt_id = r.attempt_id
join study_metrics n on n.id = m.metric_id
where r.run_id = :run
order by m.step
"""
