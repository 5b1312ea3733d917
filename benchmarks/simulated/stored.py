"""What the database holds of a simulated group, read plainly from its tables and views."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text

from benchmarks.simulated.utilisation import PhaseOf
from shampoo_tune.storage import queries
from shampoo_tune.study import Measurement, Phase
from shampoo_tune.tuner.messages import Job

_FINAL_VIEWS = ("v1_studies", "v1_trials", "v1_seed_medians", "v1_steps_to_target")
_ACCIDENTAL = {"created_at", "seconds"}  # columns that tell of the clock and the machine

FinalRows = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class StoredAttempt:
    """An attempt and all that it measured."""

    number: int
    state: str
    measurements: tuple[Measurement, ...]


@dataclass(frozen=True)
class StoredRun:
    """A run and its attempts, the first one first; `job` is what its workers were given."""

    trial: int
    phase: Phase
    state: str
    reason: str | None
    job: Job
    attempts: Sequence[StoredAttempt]


def final_rows(connection: Connection, group_name: str) -> FinalRows:
    """The rows of the public views that tell what a group came to, in a fixed order."""
    return {view: _rows_of(connection, view, group_name) for view in _FINAL_VIEWS}


def _rows_of(connection: Connection, view: str, group_name: str) -> list[tuple[Any, ...]]:
    studies = "select study from v1_studies where group_name = :group"
    query = f"select * from {view} where study in ({studies})"  # noqa: S608
    result = connection.execute(text(query), {"group": group_name})
    lasting = [n for n, column in enumerate(result.keys()) if column not in _ACCIDENTAL]
    # By what is shown: numbers and NULL in one column have no order of their own.
    return sorted((tuple(row[n] for n in lasting) for row in result), key=repr)


def phases_of(connection: Connection, group_name: str) -> PhaseOf:
    """Study and phase of every run of a group."""
    group = queries.require_group(connection, group_name)
    return {
        row.id: (study.id, Phase(row.phase))
        for study in queries.studies_of(connection, group.id)
        for row in connection.execute(text(_RUNS), {"study": study.id})
    }


def attempt_counts(connection: Connection) -> dict[str, int]:
    """How many attempts of the whole database are in which state."""
    rows = connection.execute(text("select state, count(*) from attempts group by state"))
    return {str(state): int(count) for state, count in rows}


def stored_runs(connection: Connection, group: Row[Any], study: Row[Any]) -> list[StoredRun]:
    """Every run of a study."""
    arguments = group.provenance["workload"]["arguments"]
    trials = queries.trials_by_number(connection, study.id)
    attempts = _attempts(connection, study.id)
    runs = []
    for row in connection.execute(text(_RUNS), {"study": study.id}):
        configuration = trials[row.trial].configuration
        job = Job(row.id, arguments, configuration, row.seed, study.steps, study.eval_every)
        phase, of_run = Phase(row.phase), attempts[row.id]
        runs.append(StoredRun(row.trial, phase, row.state, row.reason, job, of_run))
    return runs


def _attempts(connection: Connection, study_id: int) -> dict[int, list[StoredAttempt]]:
    """By run."""
    measured: dict[int, dict[int, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in connection.execute(text(_MEASUREMENTS), {"study": study_id}):
        attempt_id, step, metric, value = row
        measured[attempt_id][step][metric] = value
    attempts: dict[int, list[StoredAttempt]] = defaultdict(list)
    for row in connection.execute(text(_ATTEMPTS), {"study": study_id}):
        steps = sorted(measured[row.id].items())
        measurements = tuple(Measurement(step, metrics) for step, metrics in steps)
        attempts[row.run_id].append(StoredAttempt(row.number, row.state, measurements))
    return attempts


_RUNS = """
select r.id, r.phase, r.seed, r.state, r.reason, t.number trial
from runs r join trials t on t.id = r.trial_id where r.study_id = :study
"""
_ATTEMPTS = """
select a.id, a.run_id, a.number, a.state from runs r join attempts a on a.run_id = r.id
where r.study_id = :study order by a.run_id, a.number
"""
_MEASUREMENTS = """
select v.attempt_id, v.step, m.metric, v.value
from runs r join attempts a on a.run_id = r.id join measurements v on v.attempt_id = a.id
join study_metrics m on m.id = v.metric_id where r.study_id = :study
"""
