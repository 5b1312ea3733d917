"""The best configuration of a study with its evidence, ready for best.yaml."""

from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.best_config import BestConfig
from shampoo_tune.errors import ConditionNotMetError
from shampoo_tune.optimizer.config import Configuration
from shampoo_tune.storage import queries
from shampoo_tune.storage.results import cost_of
from shampoo_tune.tuner.summary import summarize_study
from shampoo_tune.tuner.winner_evidence import evidence


def best_config(connection: Connection, study: Row[Any], *, provisional: bool) -> BestConfig:
    """The winner, or with `provisional` the leader so far.

    Raises:
        ConditionNotMetError: the final seeds are not finished, or no trial was feasible.
    """
    summary = summarize_study(connection, study)
    finished = summary.stopped or summary.seeds == study.seeds
    if summary.best is None:
        raise ConditionNotMetError(f"{study.name} has no feasible trial yet")
    if not finished and not provisional:
        raise ConditionNotMetError(
            f"{study.name} has {summary.seeds} of {study.seeds} final seeds: its winner is "
            "provisional; launch it again to continue, or look at the leader so far with "
            "`best --provisional`"
        )
    trial = queries.trial_of(connection, study.id, summary.best.trial)
    return BestConfig(
        configuration=Configuration.from_json(trial.configuration),
        evidence=evidence(connection, study, summary, provisional=not finished),
        provenance=_provenance(connection, study, trial.number),
    )


def _provenance(connection: Connection, study: Row[Any], trial: int) -> dict[str, Any]:
    group = queries.require_group(connection, study.name.split("/", 1)[0])
    cost = cost_of(connection, study.id)
    return {
        "study": study.name,
        "trial": trial,
        "space_digest": group.digest,
        "workload": group.document["workload"],
        "workload_fingerprints": sorted(cost.workload_fingerprints),
        "description": group.provenance["workload"]["description"],
        "protocol": group.provenance["protocol"],
        "packages": group.provenance["packages"],
        "git": group.provenance["git"],
        "devices": sorted(cost.device_kinds),
        "jaxlib_of_runs": sorted(cost.jaxlibs),
        "weight_decay_mask": "rank >= 2 and not a normalisation",
        "created": group.created_at.isoformat(),
    }
