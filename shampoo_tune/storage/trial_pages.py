"""Trials a page at a time, and one trial with all that was ever tried of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, bindparam, column, text

from shampoo_tune.storage.tables import Trial, UtcDateTime
from shampoo_tune.study import Goal, Objective, RunState

Order = Literal["trial", "-trial", "value", "-value"]


@dataclass(frozen=True)
class TrialRow:
    """A trial by its search run.

    Attributes:
        trial: its number.
        state: of the search run; queued before there is one.
        reason: why it is infeasible or failed.
        value: the objective; None without, as for the next two.
        best_value: the best value over the run.
        best_step: the step of that value.
        seconds: wall time of the attempt that gave the verdict.
        point: the hyperparameters that the file names.
    """

    trial: int
    state: RunState
    reason: str | None
    value: float | None
    best_value: float | None
    best_step: int | None
    seconds: float | None
    point: Mapping[str, Any]


@dataclass(frozen=True)
class TrialPage:
    """Some trials of a study, and how many there are of the kind that was asked for."""

    total: int
    trials: tuple[TrialRow, ...]


@dataclass(frozen=True)
class AttemptRow:
    """One try at a run of a trial.

    Attributes:
        phase: of the run.
        seed: of the run.
        run_state: of the run.
        number: of the attempt, from 1; None if the run was never begun, as for all that follows.
        state: of the attempt.
        reason: what became of it, a traceback if it failed.
        started_at: when.
        seconds: wall time, if it came to a verdict.
        final: the run's value at the end of its budget.
        best: its best value.
        facts: what the attempt told of its machine and program.
    """

    phase: str
    seed: int
    run_state: RunState
    number: int | None
    state: str | None
    reason: str | None
    started_at: datetime | None
    seconds: float | None
    final: float | None
    best: float | None
    facts: Mapping[str, Any]


def trial_page(
    connection: Connection,
    study: Any,
    *,
    limit: int,
    offset: int = 0,
    order: Order = "trial",
    state: RunState | None = None,
) -> TrialPage:
    """Some trials of a study, chosen before anything else of them is looked up.

    Args:
        connection: any transaction.
        study: a row of the studies table.
        limit: how many at most.
        offset: how many to leave out before them.
        order: by number or value; `value` has the best first. Trials without a value come last.
        state: only trials whose search run is in this state.
    """
    best = study.objective == Objective.BEST
    parts = {
        "value": "v.best_value" if best else "v.final_value",
        "order": _order(order, "v.best_value" if best else "v.final_value", study.goal),
        "some": "" if state is None else "and coalesce(r.state, 'queued') = :state",
    }
    names = {"study": study.id, "metric": study.metric, "limit": limit, "offset": offset}
    names |= {} if state is None else {"state": state.value}
    count = _COUNT_ALL if state is None else _COUNT.format(**parts)
    total = connection.scalar(text(count), names)
    chosen = list(connection.scalars(text(_CHOSEN.format(**parts)), names))
    query = text(_ROWS.format(**parts)).bindparams(bindparam("chosen", expanding=True))
    typed = query.columns(Trial.id, *_COLUMNS, Trial.point)
    rows = connection.execute(typed, {"metric": study.metric, "chosen": chosen}) if chosen else ()
    by_id = {key: TrialRow(number, RunState(told), *rest) for key, number, told, *rest in rows}
    return TrialPage(total or 0, tuple(by_id[trial] for trial in chosen))


def attempts_of_trial(connection: Connection, study: Any, trial: int) -> Sequence[AttemptRow]:
    """Every run of a trial with every try at it, in the order of phases, seeds and tries."""
    query = text(_ATTEMPTS).columns(started_at=UtcDateTime, facts=Trial.point.type)
    names = {"study": study.id, "trial": trial, "metric": study.metric}
    rows = connection.execute(query, names).mappings()
    return [
        AttemptRow(**{**row, "run_state": RunState(row["run_state"]), "facts": row["facts"] or {}})
        for row in rows
    ]


def _order(order: Order, value: str, goal: str) -> str:
    number = "t.number desc" if order == "-trial" else "t.number"
    if order in ("trial", "-trial"):
        return number
    upwards = (goal == Goal.MINIMIZE) == (order == "value")
    return f"{value} is null, {value} {'asc' if upwards else 'desc'}, {number}"


_COLUMNS: tuple[ColumnElement[Any], ...] = tuple(
    column(name)
    for name in ("trial", "state", "reason", "value", "best_value", "best_step", "seconds")
)

_SEARCH_RUNS = """
from trials t
left join runs r on r.trial_id = t.id and r.phase = 'search'
"""
_VALUES = f"""{_SEARCH_RUNS}
left join study_metrics m on m.study_id = t.study_id and m.metric = :metric
left join run_metrics v on v.run_id = r.id and v.metric_id = m.id and r.state = 'completed'
"""
_COUNT_ALL = "select count(*) from trials where study_id = :study"
_COUNT = f"select count(*) {_SEARCH_RUNS} where t.study_id = :study {{some}}"
_CHOSEN = (
    f"select t.id {_VALUES} where t.study_id = :study {{some}} order by {{order}} "
    "limit :limit offset :offset"
)
_ROWS = f"""
select t.id, t.number trial, coalesce(r.state, 'queued') state, r.reason, {{value}} value,
  v.best_value, v.best_step, a.seconds, t.point
{_VALUES}
left join attempts a on a.run_id = r.id and r.state in ('completed', 'infeasible')
  and a.number = (select max(number) from attempts where run_id = r.id)
where t.id in :chosen
"""  # noqa: S608  (parts of this file)
_ATTEMPTS = """
select r.phase, r.seed, r.state run_state, a.number, a.state, coalesce(a.reason, r.reason) reason,
  a.started_at, a.seconds, v.final_value final, v.best_value best, f.facts
from trials t
join runs r on r.trial_id = t.id
left join attempts a on a.run_id = r.id
left join execution_facts f on f.id = a.facts_id
left join study_metrics m on m.study_id = t.study_id and m.metric = :metric
left join run_metrics v on v.run_id = r.id and v.metric_id = m.id and r.state = 'completed'
  and a.number = (select max(number) from attempts where run_id = r.id)
where t.study_id = :study and t.number = :trial
order by case r.phase when 'search' then 0 when 'finalists' then 1 else 2 end, r.seed, a.number
"""
