"""The protocol as a machine: what a study does when all runs of its phase have their verdict.

search -> the best trials become finalists -> the best finalist becomes the winner -> done.
"""

from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.storage import queries, records
from shampoo_tune.study import Goal, Phase, RunState, run_seed
from shampoo_tune.tuner.selection import Scored, best_trials

TIE_BREAKER = "valid_loss"


def advance(connection: Connection, study: Row[Any]) -> bool:
    """Queue the next phase of a study if its present one is complete.

    Args:
        connection: a write transaction.
        study: a row of the studies table.

    Returns:
        Whether runs were queued; False while runs are unfinished, or when the study is done.
    """
    counts = queries.run_counts(connection, study.id)
    unfinished = (RunState.QUEUED, RunState.RUNNING, RunState.FAILED)
    if any(state in unfinished for _, state in counts):
        return False
    phases = {phase for phase, _ in counts}
    if Phase.FINAL in phases:
        return False
    if Phase.FINALISTS in phases:
        winners = best_trials(score(connection, study, Phase.FINALISTS), Goal(study.goal), 1)
        return _queue(connection, study, Phase.FINAL, winners, study.seeds)
    finalists = feasible_by_search(connection, study)[: study.finalists]
    return _queue(connection, study, Phase.FINALISTS, finalists, study.finalist_seeds)


def feasible_by_search(connection: Connection, study: Row[Any]) -> list[int]:
    """The trials whose search run is feasible, best first."""
    infeasible = queries.infeasible_trials(connection, study.name)
    scored = [s for s in score(connection, study, Phase.SEARCH) if s.trial not in infeasible]
    return best_trials(scored, Goal(study.goal), len(scored))


def score(connection: Connection, study: Row[Any], phase: Phase) -> list[Scored]:
    """Medians over the runs of a phase, of every trial that has any."""
    values = queries.medians(connection, study.name, phase, study.metric)
    losses = queries.medians(connection, study.name, phase, TIE_BREAKER)
    return [
        Scored(trial, row.median, losses[trial].median if trial in losses else None)
        for trial, row in values.items()
    ]


def _queue(
    connection: Connection, study: Row[Any], phase: Phase, trials: list[int], seeds: int
) -> bool:
    by_number = queries.trials_by_number(connection, study.id)
    runs = [
        (by_number[trial].id, run_seed(study.replicate, phase, index))
        for trial in trials
        for index in range(seeds)
    ]
    if runs:
        records.add_runs(connection, study.id, phase, runs)
    return bool(runs)
