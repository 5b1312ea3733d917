"""The best configuration of a study with its evidence, ready for best.yaml."""

from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.best_config import BestConfig
from shampoo_tune.errors import ConditionNotMetError
from shampoo_tune.optimizer.config import Configuration
from shampoo_tune.storage import queries
from shampoo_tune.tuner.summary import StudySummary, summarize_study


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
            f"{study.name} has {summary.seeds} of {study.seeds} final seeds; launch it again to "
            "continue, or ask for the leader so far with --provisional"
        )
    trial = queries.trial_of(connection, study.id, summary.best.trial)
    return BestConfig(
        configuration=Configuration.from_json(trial.configuration),
        evidence=_evidence(study, summary, provisional=not finished),
        provenance=_provenance(connection, study, trial.number),
    )


def _evidence(study: Row[Any], summary: StudySummary, *, provisional: bool) -> dict[str, Any]:
    return {
        "provisional": provisional,
        "metric": study.metric,
        "goal": study.goal,
        "objective": study.objective,
        "target": study.target,
        "steps": study.steps,
        "search": {
            "trials": study.trials,
            "infeasible": summary.infeasible,
            "value": summary.search_value,
        },
        "finalists": {
            "finalists": study.finalists,
            "seeds": study.finalist_seeds,
            "median": summary.finalist_median,
        },
        "final": {
            "seeds": summary.seeds,
            "reached": summary.reached,
            "median": summary.median,
            "ci_low": summary.ci_low,
            "ci_high": summary.ci_high,
            "median_steps_to_target": summary.median_steps_to_target,
            "test_median": summary.test_median,
        },
    }


def _provenance(connection: Connection, study: Row[Any], trial: int) -> dict[str, Any]:
    group = queries.require_group(connection, study.name.split("/", 1)[0])
    return {
        "study": study.name,
        "trial": trial,
        "space_digest": group.digest,
        "workload": group.document["workload"],
        "description": group.provenance["workload"]["description"],
        "protocol": group.provenance["protocol"],
        "packages": group.provenance["packages"],
        "git": group.provenance["git"],
        "weight_decay_mask": "rank >= 2 and not a normalisation",
        "created": group.created_at.isoformat(),
    }
