"""Read-only questions that the controller and the commands ask."""

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Text, cast, func, select, text

from shampoo_tune.errors import NotFoundError
from shampoo_tune.storage.tables import Group, Run, Study, StudyMetric, Trial
from shampoo_tune.study import Goal, GroupState, Objective, Phase, RunState


@dataclass(frozen=True)
class QueuedRun:
    """A run that waits for a worker, with all that a worker needs to train it."""

    run_id: int
    study: str
    trial: int
    phase: Phase
    seed: int
    steps: int
    eval_every: int
    configuration: dict[str, Any]


@dataclass(frozen=True)
class MedianRow:
    """A row of `v1_seed_medians`."""

    trial: int
    seeds: int
    infeasible: int
    reached: int | None
    median: float | None
    ci_low: float | None
    ci_high: float | None
    median_steps_to_target: float | None


def find_group(connection: Connection, name: str) -> Row[Any] | None:
    """The group of that name: id, name, state, digest, document, created_at."""
    return connection.execute(select(Group.__table__).where(Group.name == name)).first()


def require_group(connection: Connection, name: str) -> Row[Any]:
    """Like `find_group`; raises NotFoundError, which lists the newest groups."""
    if (group := find_group(connection, name)) is not None:
        return group
    if (group := find_group(connection, name.partition("/")[0])) is not None:
        raise NotFoundError(f"no group {name!r}: that is a study of the group {group.name!r}")
    names = connection.scalars(select(Group.name).order_by(Group.id.desc())).all()
    near = difflib.get_close_matches(name, names, 1)
    meant = f"did you mean {near[0]!r}? " if near else ""
    known = f"{meant}there is {', '.join(names[:5])}" if names else "there are none yet"
    raise NotFoundError(f"no group {name!r} ({known})")


def groups(connection: Connection) -> list[tuple[int, str]]:
    """Id and name of all groups, oldest first."""
    rows = connection.execute(select(Group.id, Group.name).order_by(Group.id))
    return [(int(group_id), str(name)) for group_id, name in rows]


def unfinished_groups(connection: Connection) -> Sequence[Row[Any]]:
    """Groups that wait for a controller or have one, oldest first."""
    states = [GroupState.QUEUED, GroupState.RUNNING]
    query = select(Group.__table__).where(Group.state.in_(states)).order_by(Group.id)
    return connection.execute(query).all()


def group_state(connection: Connection, group_id: int) -> GroupState:
    """The stored state of a group."""
    return GroupState(connection.execute(select(Group.state).filter_by(id=group_id)).scalar_one())


def group_provenance(connection: Connection, group_id: int) -> dict[str, Any]:
    """What made a group: versions, sampler, workload; on a ladder its declaration too."""
    query = select(Group.provenance).filter_by(id=group_id)
    return dict(connection.execute(query).scalar_one())


def studies_of(connection: Connection, group_id: int) -> Sequence[Row[Any]]:
    """The studies of a group in the order of the file."""
    query = select(Study.__table__).where(Study.group_id == group_id).order_by(Study.id)
    return connection.execute(query).all()


def require_study(connection: Connection, name: str) -> Row[Any]:
    """The study of that name.

    A group with a single study may stand for it, and `group/arm` for an arm's only replicate,
    whatever its number.

    Raises:
        NotFoundError: there is none, or the name stands for several.
    """
    group = require_group(connection, name.split("/", 1)[0])
    studies = studies_of(connection, group.id)
    exact = [study for study in studies if study.name == name]
    named = exact or [s for s in studies if name in (group.name, f"{group.name}/{s.arm}")]
    if len(named) == 1:
        return named[0]
    raise NotFoundError(
        f"no study {name!r}; group {group.name!r} has {', '.join(s.name for s in studies)}"
    )


def metrics_of(connection: Connection, studies: Sequence[str] | None = None) -> list[str]:
    """The metrics of these studies, or of all, in alphabetical order."""
    query = select(StudyMetric.metric).join(Study, Study.id == StudyMetric.study_id).distinct()
    if studies is not None:
        query = query.where(Study.name.in_(studies))
    return sorted(connection.scalars(query))


def study_state(connection: Connection, study: str) -> str:
    """The state that the public view derives for a study."""
    query = text("select state from v1_studies where study = :study")
    return str(connection.scalar(query, {"study": study}))


def run_counts(connection: Connection, study_id: int) -> dict[tuple[Phase, RunState], int]:
    """How many runs of a study are in which phase and state."""
    query = (
        select(Run.phase, Run.state, func.count())
        .where(Run.study_id == study_id)
        .group_by(Run.phase, Run.state)
    )
    return {(Phase(p), RunState(s)): int(n) for p, s, n in connection.execute(query)}


def next_runs(connection: Connection, group_id: int, limit: int) -> list[QueuedRun]:
    """The queued runs to dispatch next: studies in the order of the file, then as queued."""
    return _queued(connection, Study.group_id == group_id, limit)


def queued_runs(connection: Connection, study_id: int) -> list[QueuedRun]:
    """All runs of a study that wait to be trained, in the order that they were queued."""
    return _queued(connection, Run.study_id == study_id, None)


def _queued(
    connection: Connection, which: ColumnElement[bool], limit: int | None
) -> list[QueuedRun]:
    query = (
        select(
            Run.id, Study.name, Trial.number, Run.phase, Run.seed, Study.steps, Study.eval_every,
            Trial.configuration,
        )
        .join(Trial, Trial.id == Run.trial_id)
        .join(Study, Study.id == Run.study_id)
        .where(which, Run.state == RunState.QUEUED)
        .order_by(Run.study_id, Run.id)
        .limit(limit)
    )  # fmt: skip
    return [
        QueuedRun(run_id, study, trial, Phase(phase), seed, steps, eval_every, configuration)
        for run_id, study, trial, phase, seed, steps, eval_every, configuration
        in connection.execute(query)
    ]  # fmt: skip


def medians(connection: Connection, study: str, phase: Phase, metric: str) -> dict[int, MedianRow]:
    """`v1_seed_medians` of one study, phase and metric, by trial number."""
    names = {"study": study, "phase": phase, "metric": metric}
    return {row.trial: MedianRow(*row) for row in connection.execute(text(_MEDIANS), names)}


def median_of(
    connection: Connection, study: str, trial: int, phase: Phase, metric: str
) -> MedianRow | None:
    """The row of `medians` of one trial, if it has any run with a verdict."""
    names = {"study": study, "phase": phase, "metric": metric, "trial": trial}
    row = connection.execute(text(f"{_MEDIANS} and trial = :trial"), names).first()
    return MedianRow(*row) if row else None


_MEDIANS = (
    "select trial, seeds, infeasible, reached, median, ci_low, ci_high, median_steps_to_target"
    " from v1_seed_medians where study = :study and phase = :phase and metric = :metric"
)


def failed_runs(connection: Connection, group_id: int) -> list[tuple[str, int, int, str]]:
    """Study, trial, seed and reason of every failed run of a group."""
    query = (
        select(Study.name, Trial.number, Run.seed, Run.reason)
        .join(Trial, Trial.id == Run.trial_id)
        .join(Study, Study.id == Run.study_id)
        .where(Study.group_id == group_id, Run.state == RunState.FAILED)
        .order_by(Study.id, Run.id)
    )
    return [(study, trial, seed, reason or "") for study, trial, seed, reason
            in connection.execute(query)]  # fmt: skip


def trials_by_number(connection: Connection, study_id: int) -> dict[int, Row[Any]]:
    """id, number, point and configuration of every trial."""
    rows = connection.execute(select(Trial.__table__).where(Trial.study_id == study_id))
    return {row.number: row for row in rows}


def points_of(connection: Connection, study_id: int) -> list[dict[str, Any]]:
    """The hyperparameters of every trial that the file names, in the order of the design."""
    # As text, to be read as one list: for thousands of points that takes half the time.
    written = cast(Trial.point, Text)
    query = select(written).where(Trial.study_id == study_id).order_by(Trial.number)
    points: list[dict[str, Any]] = json.loads(f"[{','.join(connection.scalars(query).all())}]")
    return points


def trial_of(connection: Connection, study_id: int, number: int) -> Row[Any]:
    """The trial of that number: id, number, point and configuration."""
    query = select(Trial.__table__).where(Trial.study_id == study_id, Trial.number == number)
    return connection.execute(query).one()


def best_of_search(
    connection: Connection, study: Row[Any], tie_breaker: str, limit: int
) -> list[int]:
    """The numbers of the trials whose search run is completed, best first.

    Args:
        connection: any transaction.
        study: a row of the studies table.
        tie_breaker: the loss that decides between equal values; then the earlier trial is better.
        limit: how many.
    """
    direction = "desc" if study.goal == Goal.MAXIMIZE else "asc"
    value = "best_value" if study.objective == Objective.BEST else "final_value"
    query = text(_BEST_OF_SEARCH.format(value=value, direction=direction))
    names = {"study": study.id, "metric": study.metric, "loss": tie_breaker, "limit": limit}
    return list(connection.scalars(query, names))


_BEST_OF_SEARCH = """
select t.number
from trials t
join runs r on r.trial_id = t.id and r.phase = 'search' and r.state = 'completed'
join study_metrics m on m.study_id = t.study_id and m.metric = :metric
left join run_metrics v on v.run_id = r.id and v.metric_id = m.id
left join study_metrics n on n.study_id = t.study_id and n.metric = :loss
left join run_metrics l on l.run_id = r.id and l.metric_id = n.id
where t.study_id = :study
order by v.{value} is null, v.{value} {direction}, l.final_value is null, l.final_value, t.number
limit :limit
"""


def final_trial(connection: Connection, study_id: int) -> int | None:
    """The number of the winner, once its final runs are queued."""
    query = (
        select(Trial.number)
        .join(Run, Run.trial_id == Trial.id)
        .where(Run.study_id == study_id, Run.phase == Phase.FINAL)
        .limit(1)
    )
    return connection.scalar(query)


def final_seeds(connection: Connection, study_id: int) -> list[int]:
    """The seeds of the final runs that were queued, in their order."""
    query = (
        select(Run.seed)
        .where(Run.study_id == study_id, Run.phase == Phase.FINAL)
        .order_by(Run.seed)
    )
    return list(connection.scalars(query))
