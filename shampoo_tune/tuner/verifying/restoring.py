"""Evidence written back as the rows of a database, where the audit and the report can read it.

Configurations, parameters, values of runs and medians are not in the evidence: they are computed.
"""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage.attempts import facts_digest
from shampoo_tune.storage.inserting import insert_row, insert_rows
from shampoo_tune.storage.records import metric_goals, write_trials
from shampoo_tune.storage.run_metrics import write_missing_run_metrics
from shampoo_tune.storage.seed_medians import write_all_seed_medians
from shampoo_tune.storage.study_rows import TIMINGS
from shampoo_tune.storage.tables import (
    Attempt,
    ExecutionFacts,
    Group,
    MeasurementRow,
    Run,
    Study,
    StudyMetric,
)
from shampoo_tune.tuner.study_file.loading import Arm
from shampoo_tune.tuner.study_file.loading import Study as StudyFile
from shampoo_tune.tuner.submission import new_trial, study_columns
from shampoo_tune.tuner.verifying.evidence_form import EvidenceForm, GroupForm, RunForm, StudyForm
from shampoo_tune.tuner.verifying.group_file import file_of


def restore(connection: Connection, evidence: EvidenceForm) -> None:
    """Write all groups.

    Args:
        connection: a write transaction in a database without groups.
        evidence: of a report.

    Raises:
        InvalidInputError: the evidence contradicts itself, as with two runs of one seed.
    """
    writer = _Writer(connection)
    try:
        for group in evidence.groups:
            writer.write_group(group)
    except IntegrityError as error:
        raise _broken(f"a row is there twice ({error.orig})") from None
    write_missing_run_metrics(connection)
    write_all_seed_medians(connection)


def _broken(what: str) -> InvalidInputError:
    return InvalidInputError(f"the report's data are broken: {what}")


class _Writer:
    """Writes rows and numbers those that many others refer to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._facts, self._runs, self._attempts = count(1), count(1), count(1)
        self._fact_ids: dict[str, int] = {}

    def write_group(self, form: GroupForm) -> None:
        file = file_of(form.document, form.provenance)
        columns = form.model_dump(include={"name", "state", "digest", "created_at", "document"})
        group_id = insert_row(
            self._connection, Group, **columns, provenance=form.provenance, finished_at=None
        )
        facts = [self._write_facts(told) for told in form.facts]
        planned = [
            (arm, study_columns(file, arm, form.name, replicate))
            for arm in file.arms
            for replicate in file.replicates
        ]
        if [columns["name"] for _, columns in planned] != [study.name for study in form.studies]:
            raise _broken(f"the studies of {form.name} are not those of its file")
        for (arm, of_study), study in zip(planned, form.studies, strict=True):
            columns = {"group_id": group_id, **of_study}
            self._write_study(study, file, arm, columns, facts, form)

    def _write_facts(self, told: dict[str, Any]) -> int:
        digest = facts_digest(told)
        if digest not in self._fact_ids:
            row = {"digest": digest, "facts": told}
            self._fact_ids[digest] = insert_row(self._connection, ExecutionFacts, **row)
        return self._fact_ids[digest]

    def _write_study(
        self,
        form: StudyForm,
        file: StudyFile,
        arm: Arm,
        columns: dict[str, Any],
        facts: Sequence[int],
        group: GroupForm,
    ) -> None:
        study_id = insert_row(self._connection, Study, **columns)
        goals = metric_goals(columns, form.metrics)
        metrics = [
            insert_row(self._connection, StudyMetric, study_id=study_id, metric=metric, goal=goal)
            for metric, goal in goals.items()
        ]
        try:
            new = [new_trial(file, arm, number, point) for number, point in enumerate(form.points)]
        except (InvalidInputError, TypeError, ValueError) as error:
            raise _broken(f"a point of {form.name} is none of its space: {error}") from None
        trials = write_trials(self._connection, study_id, new)
        numbered = [(next(self._runs), run) for run in form.runs]
        if any(run.trial >= len(trials) for run in form.runs):
            raise _broken(f"a run of {form.name} is of no trial")
        rows = [
            (number, study_id, trials[run.trial], run.phase.value, run.seed, run.state.value,
             run.reason)
            for number, run in numbered
        ]  # fmt: skip
        names = ("id", "study_id", "trial_id", "phase", "seed", "state", "reason")
        insert_rows(self._connection, Run.__tablename__, names, rows)
        self._write_attempts(numbered, metrics, facts, group)

    def _write_attempts(
        self,
        runs: Sequence[tuple[int, RunForm]],
        metrics: Sequence[int],
        facts: Sequence[int],
        group: GroupForm,
    ) -> None:
        rows, measured = [], list[tuple[int, int, int, float]]()
        for run_id, run in runs:
            for number, attempt in enumerate(run.attempts, start=1):
                if attempt.facts >= len(facts):
                    raise _broken(f"an attempt names the facts {attempt.facts}")
                attempt_id = next(self._attempts)
                rows.append(
                    {
                        "id": attempt_id,
                        "run_id": run_id,
                        "number": number,
                        "state": attempt.state.value,
                        "reason": None,
                        "facts_id": facts[attempt.facts],
                        "started_at": group.created_at,
                        **dict(zip(TIMINGS, attempt.seconds, strict=True)),
                    }
                )
                measured += _measured(attempt_id, attempt.measured, metrics)
        if rows:
            self._connection.execute(insert(Attempt), rows)
        names = ("attempt_id", "metric_id", "step", "value")
        insert_rows(self._connection, MeasurementRow.__tablename__, names, measured)


def _measured(
    attempt_id: int, rows: Sequence[Sequence[float | None]], metrics: Sequence[int]
) -> Iterator[tuple[int, int, int, float]]:
    for step, *values in rows:
        if len(values) != len(metrics) or step is None:
            raise _broken("a measurement does not have a value for each metric")
        for metric, value in zip(metrics, values, strict=True):
            if value is not None:
                yield attempt_id, metric, int(step), value
