"""The protocol as a machine: what a study does when all runs of its phase have their verdict.

search -> the best trials become finalists -> the best finalist becomes the winner -> done.
An adaptive search grows, trial by trial, until it has the trials of its budget.
"""

from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.storage import queries, records
from shampoo_tune.study import Goal, Phase, RunState, run_seed
from shampoo_tune.tuner.final_looks import looks_of, stopped_early
from shampoo_tune.tuner.selection import Scored, best_trials

TIE_BREAKER = "valid_loss"
_PENDING = (RunState.QUEUED, RunState.RUNNING)


def advance(connection: Connection, group: Row[Any], study: Row[Any], workers: int) -> bool:
    """Queue what a study can go on with: more of its search, or a phase once the last is complete.

    Args:
        connection: a write transaction.
        group: the row of the study's group.
        study: a row of the studies table.
        workers: how many runs of an unfinished search shall be pending.

    Returns:
        Whether runs were queued; False while runs are unfinished, or when the study is done.
    """
    counts = queries.run_counts(connection, study.id)
    created = sum(n for (phase, _), n in counts.items() if phase is Phase.SEARCH)
    if created < study.trials:
        pending = sum(counts.get((Phase.SEARCH, state), 0) for state in _PENDING)
        return _explore(connection, group, study, min(workers - pending, study.trials - created))
    if any(state in (*_PENDING, RunState.FAILED) for _, state in counts):
        return False
    phases = {phase for phase, _ in counts}
    if Phase.FINAL in phases:
        seeds = sum(n for (phase, _), n in counts.items() if phase is Phase.FINAL)
        return seeds < study.seeds and _queue_next_look(connection, study)
    if Phase.FINALISTS in phases:
        winners = best_trials(score(connection, study, Phase.FINALISTS), Goal(study.goal), 1)
        first = range(looks_of(connection, study)[0])
        return _queue(connection, study, Phase.FINAL, winners, first)
    finalists = best_by_search(connection, study, study.finalists)
    return _queue(connection, study, Phase.FINALISTS, finalists, range(study.finalist_seeds))


def _explore(connection: Connection, group: Row[Any], study: Row[Any], count: int) -> bool:
    # Numerical libraries, which those who only read scores do without.
    from shampoo_tune.tuner.exploration import add_next_trial

    for _ in range(count):
        add_next_trial(connection, group, study)
    return count > 0


def best_by_search(connection: Connection, study: Row[Any], count: int) -> list[int]:
    """The best trials by their search run, best first; the infeasible are none of them."""
    return queries.best_of_search(connection, study, TIE_BREAKER, count)


def score(connection: Connection, study: Row[Any], phase: Phase) -> list[Scored]:
    """Medians over the runs of a phase, of every trial that has any."""
    values = queries.medians(connection, study.name, phase, study.metric)
    losses = queries.medians(connection, study.name, phase, TIE_BREAKER)
    return [
        Scored(trial, row.median, losses[trial].median if trial in losses else None)
        for trial, row in values.items()
    ]


def _queue_next_look(connection: Connection, study: Row[Any]) -> bool:
    """Only on a ladder: elsewhere the first look has all seeds."""
    (final,) = queries.medians(connection, study.name, Phase.FINAL, study.metric).values()
    if stopped_early(connection, study, final):
        return False
    following = min(look for look in looks_of(connection, study) if look > final.seeds)
    return _queue(connection, study, Phase.FINAL, [final.trial], range(final.seeds, following))


def _queue(
    connection: Connection, study: Row[Any], phase: Phase, trials: list[int], seeds: range
) -> bool:
    by_number = queries.trials_by_number(connection, study.id)
    runs = [
        (by_number[trial].id, run_seed(study.replicate, phase, index))
        for trial in trials
        for index in seeds
    ]
    if runs:
        records.add_runs(connection, study.id, phase, runs)
    return bool(runs)
