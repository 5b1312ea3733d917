"""The queued runs of a study, in the form that somebody trains them from elsewhere."""

from typing import Any

from sqlalchemy import Connection

from shampoo_tune.storage import queries
from shampoo_tune.storage.queries import QueuedRun, queued_runs


def designed_runs(connection: Connection, study_name: str) -> dict[str, Any]:
    """The document that `design --json` prints.

    `hyperparameters` and `schedule` are those of best.yaml: the optimizer's options, defaults
    included, with the peak `learning_rate`; and all that the learning rate depends on.

    Raises:
        NotFoundError: there is no such study.
    """
    study = queries.require_study(connection, study_name)
    group = queries.require_group(connection, study.name.split("/", 1)[0])
    workload = group.provenance["workload"]["arguments"]
    return {
        "schema": "shampoo-tune/design/v1",
        "study": study.name,
        "state": queries.study_state(connection, study.name),
        "metric": study.metric,
        "runs": [_document(run, workload) for run in queued_runs(connection, study.id)],
    }


def _document(run: QueuedRun, workload: dict[str, Any]) -> dict[str, Any]:
    configuration = run.configuration
    rate = configuration["schedule"]["learning_rate"]
    return {
        "study": run.study,
        "trial": run.trial,
        "phase": run.phase.value,
        "seed": run.seed,
        "steps": run.steps,
        "eval_every": run.eval_every,
        "workload": workload,
        "optimizer": configuration["optimizer"],
        "hyperparameters": {"learning_rate": rate, **configuration["options"]},
        "schedule": configuration["schedule"],
    }
