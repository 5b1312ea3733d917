"""What the runs of a study came to and what they cost: read by statistics, tables and plots."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, select, text

from shampoo_tune.storage.queries import run_counts
from shampoo_tune.storage.tables import ExecutionFacts
from shampoo_tune.study import Phase, RunState


class RunResult(NamedTuple):
    """A run that came to its verdict, and what it measured of one metric.

    Attributes:
        trial: the trial's number.
        phase: of the protocol.
        seed: the run's seed.
        state: COMPLETED or INFEASIBLE.
        reason: why it is infeasible.
        final: the value at the end of the budget; None if infeasible, as for all that follows.
        best: the best value over the run.
        best_step: the first step with that value.
        steps_to_target: the first evaluated step at or past the study's target; None if never, or
            if this is not the metric of the study.
    """

    trial: int
    phase: Phase
    seed: int
    state: RunState
    reason: str | None
    final: float | None
    best: float | None
    best_step: int | None
    steps_to_target: int | None


@dataclass(frozen=True)
class Cost:
    """What a study has spent so far, on all its attempts, and on which machines.

    Attributes:
        runs: how many are in which phase and state.
        attempts: tries at these runs, failed and lost ones too.
        trained_steps: steps that were trained in all attempts, up to the last measured of each.
        seconds: wall time of the attempts that came to a verdict; how long an attempt took that
            failed or was lost is not known.
        step_seconds: of one step, without compilation and evaluations: the median over the
            attempts of completed runs; None if there are none.
        hosts: number of machines.
        device_kinds: of all attempts, such as `cpu`.
        jaxlibs: versions of jaxlib.
        workload_fingerprints: of the workload that was trained.
        optimizer_state_bytes: memory of the optimizer's state, the median over attempts; None if
            none tells.
    """

    runs: Mapping[tuple[Phase, RunState], int]
    attempts: int
    trained_steps: int
    seconds: float
    step_seconds: float | None
    hosts: int
    device_kinds: frozenset[str]
    jaxlibs: frozenset[str]
    workload_fingerprints: frozenset[str]
    optimizer_state_bytes: int | None


def run_results(
    connection: Connection, study_id: int, metric: str, phase: Phase | None = None
) -> list[RunResult]:
    """The runs of a study with a verdict, of one phase or all, by phase, trial and seed."""
    some = "" if phase is None else "and r.phase = :phase"
    names = {"study": study_id, "metric": metric} | ({"phase": phase} if phase else {})
    rows = connection.execute(text(_RESULTS.format(some=some)), names).all()
    results = [
        RunResult(row[0], _PHASES[row[1]], row[2], _STATES[row[3]], *row[4:]) for row in rows
    ]
    return sorted(results, key=lambda r: (_PHASE_ORDER[r.phase], r.trial, r.seed))


def curve_rows(
    connection: Connection,
    study_id: int,
    metric: str,
    phase: Phase,
    trials: Iterable[int] | None = None,
) -> Sequence[Row[Any]]:
    """Trial, seed, step and value of every measurement of a metric, in this order.

    Args:
        connection: any transaction.
        study_id: the study.
        metric: which metric.
        phase: runs of this phase only.
        trials: numbers of the trials asked for; None for all.
    """
    parameters: dict[str, Any] = {"study": study_id, "metric": metric, "phase": phase}
    if trials is None:
        return connection.execute(text(_CURVES.format(some="")), parameters).all()
    query = text(_CURVES.format(some="and t.number in :trials"))
    query = query.bindparams(bindparam("trials", expanding=True))
    return connection.execute(query, {**parameters, "trials": list(trials)}).all()


def cost_of(connection: Connection, study_id: int) -> Cost:
    """What a study has spent so far."""
    sums = connection.execute(text(_SPENT), {"study": study_id}).all()
    documents = select(ExecutionFacts.id, ExecutionFacts.facts)
    documents = documents.where(ExecutionFacts.id.in_({row.facts_id for row in sums}))
    told = {row.id: row.facts for row in connection.execute(documents)}
    facts = [(told[row.facts_id], row.attempts) for row in sums]
    return Cost(
        runs=run_counts(connection, study_id),
        attempts=sum(row.attempts for row in sums),
        trained_steps=sum(row.steps for row in sums),
        seconds=sum(row.seconds for row in sums),
        step_seconds=connection.scalar(text(_STEP_SECONDS), {"study": study_id}),
        hosts=len(_seen(facts, "host")),
        device_kinds=_seen(facts, "device_kind"),
        jaxlibs=_seen(facts, "jaxlib"),
        workload_fingerprints=_seen(facts, "workload_fingerprint"),
        optimizer_state_bytes=_state_bytes(facts),
    )


_Facts = list[tuple[dict[str, Any], int]]  # and how many attempts have them


def _seen(facts: _Facts, name: str) -> frozenset[str]:
    return frozenset(fact[name] for fact, _ in facts if name in fact)


def _state_bytes(facts: _Facts) -> int | None:
    sizes = Counter[int]()
    for fact, count in facts:
        if "optimizer_state_bytes" in fact:
            sizes[fact["optimizer_state_bytes"]] += count
    return median_low(sizes.elements()) if sizes else None


_PHASES, _STATES = {str(p): p for p in Phase}, {str(s): s for s in RunState}
_PHASE_ORDER = {phase: place for place, phase in enumerate(Phase)}

_RESULTS = """
select t.number trial, r.phase, r.seed, r.state, r.reason, v.final_value, v.best_value,
  v.best_step, v.steps_to_target
from runs r
join trials t on t.id = r.trial_id
left join study_metrics n on n.study_id = r.study_id and n.metric = :metric
left join run_metrics v on v.run_id = r.id and v.metric_id = n.id and r.state = 'completed'
where r.study_id = :study and r.state in ('completed', 'infeasible') {some}
"""

_CURVES = """
select t.number trial, r.seed, m.step, m.value
from run_results r
join trials t on t.id = r.trial_id
join study_metrics n on n.study_id = r.study_id and n.metric = :metric
join measurements m on m.attempt_id = r.attempt_id and m.metric_id = n.id
where r.study_id = :study and t.study_id = :study and r.phase = :phase {some}
order by t.number, r.seed, m.step
"""

# Attempts by what they tell of themselves, of which there are few kinds. A completed run was
# evaluated at its last step: only attempts that ended early are looked up.
_SPENT = """
select a.facts_id, count(*) attempts, cast(coalesce(sum(a.seconds), 0) as double precision) seconds,
  cast(sum(case when a.state = 'completed' and r.state = 'completed' then s.steps
       else coalesce((select max(m.step) from measurements m
                      where m.attempt_id = a.id and m.metric_id = n.id), 0) end) as bigint) steps
from runs r
join studies s on s.id = r.study_id
join study_metrics n on n.study_id = s.id and n.metric = s.metric
join attempts a on a.run_id = r.id
where r.study_id = :study
group by a.facts_id
"""

# The median over the attempts of completed runs.
_STEP_SECONDS = """
select avg(seconds) from (
  select v.seconds, row_number() over (order by v.seconds) k, count(*) over () n from (
    select (a.seconds - a.compile_seconds - a.evaluation_seconds) / s.steps seconds
    from runs r
    join studies s on s.id = r.study_id
    join attempts a on a.run_id = r.id and a.state = 'completed'
    where r.study_id = :study and r.state = 'completed') v
  where v.seconds is not null) ranked
where k in ((n + 1) / 2, (n + 2) / 2)
"""
