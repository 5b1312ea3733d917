"""What must be in the database after a simulated group, whatever happened on the way."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row

from benchmarks.simulated.runs import course
from benchmarks.simulated.stored import FinalRows, StoredRun, final_rows, stored_runs
from shampoo_tune.storage import checking, queries
from shampoo_tune.study import AttemptState, GroupState, Phase, run_seed
from shampoo_tune.tuner.comparison.ledger import read_ledger


def check_rows(
    connection: Connection, group_name: str, infeasible: float, undisturbed: FinalRows
) -> None:
    """Whether a completed group has exactly the rows that it must have.

    Args:
        connection: a read transaction.
        group_name: the group.
        infeasible: the share of runs that diverge, as in `Rates`.
        undisturbed: `final_rows` of the same group, elsewhere, without accidents.

    Raises:
        AssertionError: it has not.
    """
    group = queries.require_group(connection, group_name)
    assert group.state == GroupState.COMPLETED, group.state
    problems = [check for check in checking.check(connection) if check.problems]
    assert not problems, problems
    for study in queries.studies_of(connection, group.id):
        runs = stored_runs(connection, group, study)
        for run in runs:
            _check_run(run, infeasible)
        _check_budget(study, runs)
        _check_ledger(connection, group_name, study, runs)
    assert final_rows(connection, group_name) == undisturbed


def _check_run(run: StoredRun, infeasible: float) -> None:
    """It has one verdict, by its last attempt; all attempts measured what they had to."""
    expected, attempts = course(run.job, infeasible), run.attempts
    assert (run.state, run.reason) == (expected.state, expected.reason), run
    assert [attempt.number for attempt in attempts] == list(range(1, len(attempts) + 1)), run
    *before, last = attempts
    assert last.state == AttemptState.COMPLETED, run
    assert last.measurements == expected.measurements, run
    for attempt in before:
        assert attempt.state in (AttemptState.LOST, AttemptState.FAILED), run
        measured = len(attempt.measurements)
        assert attempt.measurements == expected.measurements[:measured], run


def _check_budget(study: Row[Any], runs: Sequence[StoredRun]) -> None:
    """The runs are those of the protocol, each once: so many trials with these seeds."""
    expected = {(trial, _seed(study, Phase.SEARCH, trial)) for trial in range(study.trials)}
    for phase, trials, seeds in (
        (Phase.FINALISTS, study.finalists, study.finalist_seeds),
        (Phase.FINAL, 1, study.seeds),
    ):
        chosen = {run.trial for run in runs if run.phase is phase}
        assert len(chosen) == trials, phase
        expected |= {(t, _seed(study, phase, index)) for t in chosen for index in range(seeds)}
    found = sorted((run.trial, run.job.seed) for run in runs)
    assert found == sorted(expected)


def _seed(study: Row[Any], phase: Phase, index: int) -> int:
    return run_seed(study.replicate, phase, index)


def _check_ledger(
    connection: Connection, group_name: str, study: Row[Any], runs: Sequence[StoredRun]
) -> None:
    """It tells of every attempt, and of each step that one is known to have trained."""
    ledger = read_ledger(connection, group_name, study.arm)
    (spent,) = ledger.rounds
    phases = (spent.search, spent.finalists, spent.final)
    assert phases == (study.trials, study.finalists * study.finalist_seeds, study.seeds)
    assert (spent.steps_a_run, spent.cancelled) == (study.steps, 0)
    attempts = [attempt for run in runs for attempt in run.attempts]
    assert ledger.attempts == len(attempts)
    measured = [attempt.measurements for attempt in attempts if attempt.measurements]
    assert ledger.trained_steps == sum(measurements[-1].step for measurements in measured)
