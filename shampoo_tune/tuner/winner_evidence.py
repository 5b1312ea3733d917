"""What speaks for a winner, and what against: the `evidence` of best.yaml."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row

from shampoo_tune.tuner.comparison.table import finite
from shampoo_tune.tuner.report.boundary import BoundaryView, boundary
from shampoo_tune.tuner.statistics.medians import median
from shampoo_tune.tuner.statistics.over_studies import study_interval
from shampoo_tune.tuner.study_data import StudyData
from shampoo_tune.tuner.study_loading import load_studies
from shampoo_tune.tuner.summary import TEST_METRICS, StudySummary


def evidence(
    connection: Connection, study: Row[Any], summary: StudySummary, *, provisional: bool
) -> dict[str, Any]:
    """Plain values; None is unknown, or falls on an infeasible run."""
    group = study.name.split("/", 1)[0]
    replicates = [s for s in load_studies(connection, group) if s.arm == study.arm]
    (own,) = (s for s in replicates if s.id == study.id)
    return {
        "provisional": provisional,
        "metric": study.metric,
        "goal": study.goal,
        "objective": study.objective,
        "target": study.target,
        "steps": study.steps,
        "search": {
            "sampler": own.sampler,
            "trials": study.trials,
            "enqueued": own.enqueued,
            "infeasible": summary.infeasible,
            "value": summary.search_value,
            "boundary": _boundary(own),
        },
        "finalists": {
            "finalists": study.finalists,
            "seeds": study.finalist_seeds,
            "median": summary.finalist_median,
        },
        "final": {
            "seeds": summary.seeds,
            "infeasible": int(np.isinf(own.final).sum()),
            "reached": summary.reached,
            "median": summary.median,
            "ci_low": summary.ci_low,
            "ci_high": summary.ci_high,
            "median_steps_to_target": summary.median_steps_to_target,
            "test_metric": TEST_METRICS.get(study.metric),
            "test_median": summary.test_median,
        },
        "over_studies": _over_studies(replicates),
    }


def _boundary(study: StudyData) -> list[dict[str, Any]] | None:
    """The ends of ranges that the best trials crowd at; None where that cannot be said."""
    view = boundary(study)
    if not isinstance(view, BoundaryView):
        return None
    return [
        {"parameter": side.parameter, "side": side.side, "edge": side.edge, "flag": side.flag}
        for side in view.sides
        if side.flag
    ]


def _over_studies(replicates: Sequence[StudyData]) -> dict[str, Any] | None:
    """The mean of the replicates' medians with its interval; None if there is one study only."""
    if len(replicates) == 1:
        return None
    done = [study for study in replicates if study.complete and len(study.final)]
    found: dict[str, Any] = {"studies": len(replicates), "completed": len(done)}
    if len(done) < len(replicates):
        return {**found, "mean": None, "ci_low": None, "ci_high": None}
    interval = study_interval([median(study.final) for study in done])
    ends = {"ci_low": interval.low, "ci_high": interval.high}
    return {**found, "mean": finite(interval.estimate), **ends}
