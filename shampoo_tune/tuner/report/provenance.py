"""Where a group's numbers come from: its file, versions, machines, and what went wrong."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from shampoo_tune.storage.results import Cost
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.study_data import StudyData

_UNKNOWN = "unknown"


def provenance_table(group: Row[Any], costs: Sequence[Cost]) -> Table:
    """What the group's row says, and on what its runs were trained."""
    known: Mapping[str, Any] = group.provenance
    packages = known.get("packages", {})
    rows = [
        ("group", f"{group.name}, {group.state}, made {group.created_at:%Y-%m-%d %H:%M} UTC"),
        ("file", f"sha256 {group.digest}"),
        ("protocol", str(known.get("protocol", {}).get("name", _UNKNOWN))),
        ("sampler", str(known.get("sampler", _UNKNOWN))),
        ("code", _git(known.get("git"))),
        ("Python", str(known.get("python", _UNKNOWN))),
        ("packages", ", ".join(f"{name} {version}" for name, version in packages.items())),
        ("devices", _facts(cost.device_kinds for cost in costs)),
        ("jaxlib of the runs", _facts(cost.jaxlibs for cost in costs)),
        ("workload fingerprint", _facts(cost.workload_fingerprints for cost in costs)),
    ]
    return Table(("", ""), tuple(rows), names=2)


def study_table(study: StudyData) -> Table:
    """How far a study is, what it searched, and the winner's hyperparameters."""
    known = int((study.search == study.search).sum())
    budget = (
        f"{study.trials} trials, {study.finalists} finalists x {study.finalist_seeds} seeds, "
        f"{study.seeds} final seeds, {study.steps} steps a run, evaluated every {study.eval_every}"
    )
    rows = [
        ("state", f"{study.state}, {known} of {study.trials} trials have their search value"),
        ("budget", budget),
        ("sampler", study.sampler),
        ("infeasible trials", _reasons(study)),
        ("winner", _winner(study)),
    ]
    if study.replication:
        rows.insert(0, ("replication", f"{study.enqueued} points were given by the file"))
    return Table(("", ""), tuple(rows), names=2)


def failures_table(failed: Iterable[tuple[str, int, int, str]]) -> Table:
    """Runs that came to no verdict; they block the verdict until they are repeated."""
    rows = [
        (study, str(trial), str(seed), reason.strip().split("\n")[-1])
        for study, trial, seed, reason in failed
    ]
    return Table(("study", "trial", "seed", "reason"), tuple(rows), names=4)


def _git(git: Mapping[str, Any] | None) -> str:
    if not git:
        return "installed package"
    return f"commit {git['commit']}" + (", with changes" if git["dirty"] else "")


def _facts(facts: Iterable[Iterable[str]]) -> str:
    return ", ".join(sorted({fact for several in facts for fact in several})) or _UNKNOWN


def _reasons(study: StudyData) -> str:
    """The number of infeasible trials, by reason without the step."""
    counts = Counter(re.sub(r" at step \d+", "", reason) for reason in study.reasons.values())
    known = int((study.search == study.search).sum())
    text = f"{sum(counts.values())} of {known}"
    reasons = ", ".join(f"{count} {reason or _UNKNOWN}" for reason, count in counts.most_common())
    return f"{text} ({reasons})" if counts else text


def _winner(study: StudyData) -> str:
    if study.winner is None:
        return "not chosen yet"
    point = study.points[study.winner]
    return f"trial {study.winner}: " + ", ".join(
        f"{name} {f'{value:.4g}' if isinstance(value, float) else value}"
        for name, value in point.items()
    )
