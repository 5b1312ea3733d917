"""What a report embeds so that a reader without the database can audit it.

Everything that its tables follow from: of the group, of those it was refined from, and of the other
rungs if it is one of a ladder, the file, the points, and of each run its seed, its attempts and
what it measured. Curves that no plot shows are thinned to the evaluations that count, the best and
the last, beside the digest of the whole. Names of hosts and numbers of processes are left out.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.storage import queries, study_rows
from shampoo_tune.storage.study_rows import Curve, StoredAttempt, StoredRun
from shampoo_tune.study import Goal, Phase, RunState
from shampoo_tune.tuner import provenance
from shampoo_tune.tuner.ladder.recorded import recorded_ladder
from shampoo_tune.tuner.lineage import lineage
from shampoo_tune.tuner.report.measured_curves import shown_trials
from shampoo_tune.tuner.study_loading import load_studies
from shampoo_tune.tuner.verifying.digests import curve_digest, design_digest, digest_of

SCHEMA = "shampoo-tune/evidence/v1"
_PRIVATE = ("host", "pid")  # of execution facts


def make_evidence(connection: Connection, group_name: str) -> dict[str, Any]:
    """The evidence of a group, which is the last, and of those that its report speaks of.

    Raises:
        NotFoundError: there is no such group.
    """
    groups = _groups(connection, group_name)
    shown = {study.id: shown_trials(study) for study in load_studies(connection, group_name)}
    documents = [_group(connection, group, shown) for group in groups]
    return {
        "schema": SCHEMA,
        "written_by": written_by(),
        "digest": digest_of(documents),
        "groups": documents,
    }


def _groups(connection: Connection, group_name: str) -> list[Row[Any]]:
    """Rounds before their successors, other rungs of its ladder before the group."""
    ladder = recorded_ladder(connection, group_name)
    others = [name for name in ladder.groups.values() if name != group_name] if ladder else []
    found = [
        group for name in (*others, group_name) for group in reversed([*lineage(connection, name)])
    ]
    return list({group.id: group for group in found}.values())


def written_by() -> dict[str, Any]:
    """This program: another one may word its page otherwise."""
    collected = provenance.collect()
    return {"shampoo-tune": collected["packages"]["shampoo-tune"], "git": collected["git"]}


# Of each study, the trials whose curves its plots show; none of a study of an earlier round.
_Shown = Mapping[int, Mapping[Phase, Collection[int]]]


def _group(connection: Connection, group: Row[Any], shown: _Shown) -> dict[str, Any]:
    rows = queries.studies_of(connection, group.id)
    runs = {row.id: study_rows.stored_runs(connection, row.id) for row in rows}
    numbers = [a.facts for several in runs.values() for run in several for a in run.attempts]
    facts = _Facts(connection, numbers)
    return {
        "name": group.name,
        "state": group.state,
        "digest": group.digest,
        "created_at": group.created_at.isoformat(),
        "document": group.document,
        "provenance": group.provenance,
        "facts": facts.told,
        "studies": [_study(connection, row, runs[row.id], facts, shown) for row in rows],
    }


class _Facts:
    """The different execution facts of a group; attempts name them by their place."""

    def __init__(self, connection: Connection, numbers: Collection[int]) -> None:
        self.told: list[dict[str, Any]] = []
        self.place: dict[int, int] = {}
        for number, (_, facts) in sorted(study_rows.stored_facts(connection, numbers).items()):
            public = {name: value for name, value in facts.items() if name not in _PRIVATE}
            if public not in self.told:
                self.told.append(public)
            self.place[number] = self.told.index(public)


def _study(
    connection: Connection, row: Row[Any], runs: list[StoredRun], facts: _Facts, shown: _Shown
) -> dict[str, Any]:
    trials = study_rows.stored_points(connection, row.id)
    metrics = list(study_rows.stored_metrics(connection, row.id))
    whole = shown.get(row.id, {})
    wanted = {a.attempt_id: run for run in runs for a in run.attempts}
    measured = {
        attempt: _measured(row, wanted[attempt], attempt, curve, metrics, whole)
        for attempt, curve in study_rows.stored_curves(connection, row.id)
    }
    return {
        "name": row.name,
        "metrics": metrics,
        "design": design_digest(trials),
        "points": [point for _, point, _ in trials],
        "runs": [_run(run, facts, measured) for run in runs],
    }


def _run(run: StoredRun, facts: _Facts, measured: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    failed = run.state is RunState.FAILED
    reason = (run.reason or "").strip().split("\n")[-1] if failed else run.reason
    return {
        "trial": run.trial,
        "phase": run.phase.value,
        "seed": run.seed,
        "state": run.state.value,
        **({"reason": reason} if reason else {}),
        "attempts": [_attempt(a, facts, measured.get(a.attempt_id, {})) for a in run.attempts],
    }


def _attempt(attempt: StoredAttempt, facts: _Facts, measured: dict[str, Any]) -> dict[str, Any]:
    return {
        "state": attempt.state.value,
        "facts": facts.place[attempt.facts],
        "seconds": list(attempt.timings),
        **measured,
    }


def _measured(
    row: Row[Any],
    run: StoredRun,
    attempt: int,
    curve: Curve,
    metrics: list[str],
    whole: Mapping[Phase, Collection[int]],
) -> dict[str, Any]:
    """The digest of what an attempt measured, and [step, value of each metric] of some steps."""
    steps = sorted({step for values in curve.values() for step in values})
    gave_verdict = run.last is not None and run.last.attempt_id == attempt
    if not (gave_verdict and run.trial in whole.get(run.phase, ())):
        steps = sorted({steps[-1], *_decisive(row, curve)})
    rows = [[step, *(curve.get(metric, {}).get(step) for metric in metrics)] for step in steps]
    return {"curve": curve_digest(curve), "measured": rows}


def _decisive(row: Row[Any], curve: Curve) -> list[int]:
    """The best and the last step of the metric that counts."""
    values = curve.get(row.metric)
    if not values:
        return []
    sign = -1 if row.goal == Goal.MAXIMIZE else 1
    return [min(values, key=lambda step: (sign * values[step], step)), max(values)]
