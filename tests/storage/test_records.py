"""What the controller writes."""

import math
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from shampoo_tune.storage import queries, records, run_metrics
from shampoo_tune.storage.attempts import finish_attempt, start_attempt
from shampoo_tune.storage.measurements import add_measurements
from shampoo_tune.storage.tables import Attempt, Run, RunMetric, now
from shampoo_tune.study import AttemptState, GroupState, Measurement, Phase, RunState
from tests.storage.conftest import METRICS


def test_a_group_is_written_with_all_trials_and_search_runs(make_filled: Any) -> None:
    filled = make_filled(replicate=2)
    with filled.database.read() as connection:
        runs = queries.next_runs(connection, filled.study.group_id, 10)
        assert [(r.phase, r.trial, r.seed) for r in runs] == [
            (Phase.SEARCH, n, 2_000_000 + n) for n in range(3)
        ]
        parameters = connection.execute(text("select * from v1_trial_parameters")).all()
        assert parameters[1] == ("g/shampoo", 1, "learning_rate", 0.2, "0.2")


def test_an_attempt_makes_its_run_running_and_is_numbered(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        first = start_attempt(connection, 1, {"host": "a"})
        finish_attempt(
            connection, first, state=AttemptState.LOST, run_state=RunState.QUEUED, reason="killed"
        )
        second = start_attempt(connection, 1, {"host": "b"})
        rows = connection.execute(select(Attempt.number, Attempt.state).order_by(Attempt.id)).all()
        assert rows == [(1, "lost"), (2, "running")]
        assert connection.scalar(select(Run.state).where(Run.id == 1)) == "running"
        assert first != second


def test_curves_show_the_latest_attempt_only(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        for state, run_state in (
            (AttemptState.LOST, RunState.QUEUED),
            (AttemptState.COMPLETED, RunState.COMPLETED),
        ):
            attempt = start_attempt(connection, 1, {})
            add_measurements(connection, [(attempt, Measurement(5, {"valid_loss": 1.0}))])
            finish_attempt(connection, attempt, state=state, run_state=run_state)
        assert connection.scalar(text("select count(*) from v1_curves")) == 1


def train(connection: Any, run_id: int, run_state: RunState, value: float = 0.5) -> None:
    """One attempt at a run that leads to `run_state`."""
    attempt = start_attempt(connection, run_id, {})
    for step in (5, 10):
        add_measurements(connection, [(attempt, Measurement(step, {"valid_accuracy": value}))])
    lost = run_state is RunState.QUEUED
    state = AttemptState.LOST if lost else AttemptState.COMPLETED
    finish_attempt(connection, attempt, state=state, run_state=run_state, reason="why")


def values_of(connection: Any, run_id: int) -> list[float]:
    return list(connection.scalars(select(RunMetric.final_value).where(RunMetric.run_id == run_id)))


@pytest.mark.parametrize("state", [RunState.INFEASIBLE, RunState.FAILED, RunState.QUEUED])
def test_only_a_completed_run_comes_to_values(make_filled: Any, state: RunState) -> None:
    with make_filled().database.write() as connection:
        train(connection, 1, RunState.COMPLETED)
        train(connection, 2, state)
        assert (values_of(connection, 1), values_of(connection, 2)) == ([0.5], [])


def test_values_are_those_of_the_attempt_that_gave_the_verdict(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        train(connection, 1, RunState.QUEUED, value=0.75)
        train(connection, 1, RunState.COMPLETED, value=0.25)
        assert values_of(connection, 1) == [0.25]
        best = "select best_value from v1_trials where trial = 0"
        assert connection.scalar(text(best)) == 0.25


@pytest.mark.parametrize("again", ["requeued", "started"])
def test_training_again_forgets_what_the_run_came_to(make_filled: Any, again: str) -> None:
    with make_filled().database.write() as connection:
        train(connection, 1, RunState.COMPLETED)
        train(connection, 2, RunState.INFEASIBLE)
        train(connection, 3, RunState.COMPLETED)
        if again == "requeued":
            records.requeue(connection, 1, [RunState.COMPLETED])
            assert (values_of(connection, 1), values_of(connection, 3)) == ([], [])
        else:
            start_attempt(connection, 1, {})
            assert (values_of(connection, 1), values_of(connection, 3)) == ([], [0.5])
        train(connection, 1, RunState.INFEASIBLE)
        states = "select state, search_value, best_value from v1_trials where trial = 0"
        assert connection.execute(text(states)).all() == [("infeasible", None, None)]


def test_values_written_at_once_are_those_written_one_by_one(make_filled: Any) -> None:
    filled = make_filled(target=0.5)
    filled.add_final_curves([(0.25, 0.75), (0.5, 0.5), None, (0.75, 0.25)])
    everything = select(RunMetric.__table__).order_by(RunMetric.run_id, RunMetric.metric_id)
    with filled.database.write() as connection:
        one_by_one = connection.execute(everything).all()
        run_metrics.delete_run_metrics(connection, sorted({row.run_id for row in one_by_one})[:2])
        run_metrics.write_missing_run_metrics(connection)
        assert connection.execute(everything).all() == one_by_one
    assert len(one_by_one) == 3 * len(METRICS)


def test_requeueing_returns_the_asked_states_and_loses_open_attempts(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        start_attempt(connection, 1, {})
        failed = start_attempt(connection, 2, {})
        finish_attempt(
            connection, failed, state=AttemptState.FAILED, run_state=RunState.FAILED, reason="bug"
        )
        records.requeue(connection, 1, [RunState.RUNNING])
        states = select(Run.state).order_by(Run.id)
        assert connection.scalars(states).all() == ["queued", "failed", "queued"]
        attempts = select(Attempt.state).order_by(Attempt.id)
        assert connection.scalars(attempts).all() == ["lost", "failed"]
        records.requeue(connection, 1, [RunState.RUNNING, RunState.FAILED])
        assert set(connection.scalars(states)) == {"queued"}


def test_the_reason_of_a_failure_is_found(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        attempt = start_attempt(connection, 2, {})
        finish_attempt(
            connection, attempt, state=AttemptState.FAILED, run_state=RunState.FAILED, reason="bug"
        )
        assert queries.failed_runs(connection, 1) == [("g/shampoo", 1, 1, "bug")]
        assert queries.study_state(connection, "g/shampoo") == "blocked"


def test_nan_is_never_stored(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        attempt = start_attempt(connection, 1, {})
        with pytest.raises((IntegrityError, ValueError)):
            add_measurements(connection, [(attempt, Measurement(5, {"valid_loss": math.nan}))])


def test_infinity_is_never_stored(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        attempt = start_attempt(connection, 1, {})
        with pytest.raises(ValueError, match="finite"):
            add_measurements(connection, [(attempt, Measurement(5, {"valid_loss": math.inf}))])


@pytest.mark.parametrize("state", [GroupState.COMPLETED, GroupState.CANCELLED])
def test_a_group_that_ended_has_a_time(make_filled: Any, state: GroupState) -> None:
    with make_filled().database.write() as connection:
        before = now()
        records.set_group_state(connection, 1, state)
        group = queries.require_group(connection, "g")
        assert before <= group.finished_at <= now()


def test_two_trials_of_one_number_are_refused(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        row = {"study_id": 1, "trial_id": 1, "phase": "search", "seed": 0, "state": "queued"}
        with pytest.raises(IntegrityError):
            connection.execute(insert(Run), row)
