"""The last two links inside a database: what runs came to, and their medians over seeds.

Tables and plots read both as they are stored; here they follow from the measurements.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from shampoo_tune.storage.study_rows import StoredRun, stored_medians, stored_run_values
from shampoo_tune.study import Phase
from shampoo_tune.tuner.verifying.link import Difference, Link, differing
from shampoo_tune.tuner.verifying.medians import median_of_runs
from shampoo_tune.tuner.verifying.stored_study import StoredStudy


def values_link(connection: Connection, studies: Sequence[StoredStudy]) -> Link:
    """Whether what each run is said to have come to is what it measured."""
    found, count = list[Difference](), 0
    for study in studies:
        stored = stored_run_values(connection, study.row.id)
        labels = {run.run_id: f"{study.name} {run.label}" for run in study.runs}
        expected = {(r, m): v for r, values in study.values.items() for m, v in values.items()}
        for run, metric in dict.fromkeys([*stored, *expected]):
            there, follows = stored.get((run, metric)), expected.get((run, metric))
            found += differing(labels.get(run, study.name), there, follows, metric)
        count += len(expected)
    return Link("values", f"{count} values of runs from their measurements", tuple(found))


def medians_link(connection: Connection, studies: Sequence[StoredStudy]) -> Link:
    """Whether the medians over seeds and their intervals are those of the runs."""
    found, count = list[Difference](), 0
    for study in studies:
        stored = stored_medians(connection, study.row.id)
        expected = {
            (trial, phase, metric): median_of_runs(study, runs, metric)
            for (trial, phase), runs in _by_trial(study).items()
            for metric in study.metrics
        }
        for key in dict.fromkeys([*stored, *expected]):
            trial, phase, metric = key
            where = f"{study.name} {phase} trial {trial}"
            found += differing(where, stored.get(key), expected.get(key), metric)
        count += len(expected)
    return Link("medians", f"{count} medians over seeds with their intervals", tuple(found))


def _by_trial(study: StoredStudy) -> dict[tuple[int, Phase], list[StoredRun]]:
    by_trial: dict[tuple[int, Phase], list[StoredRun]] = {}
    for run in study.runs:
        if run.judged and run.phase is not Phase.SEARCH:
            by_trial.setdefault((run.trial, run.phase), []).append(run)
    return by_trial
