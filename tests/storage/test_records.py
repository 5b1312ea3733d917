"""What the controller writes."""

import math
from typing import Any

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from shampoo_tune.storage import queries, records
from shampoo_tune.storage.tables import Attempt, Run, now
from shampoo_tune.study import AttemptState, GroupState, Measurement, Phase, RunState


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
        first = records.start_attempt(connection, 1, {"host": "a"})
        records.finish_attempt(
            connection, first, state=AttemptState.LOST, run_state=RunState.QUEUED, reason="killed"
        )
        second = records.start_attempt(connection, 1, {"host": "b"})
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
            attempt = records.start_attempt(connection, 1, {})
            records.add_measurement(connection, attempt, Measurement(5, {"valid_loss": 1.0}))
            records.finish_attempt(connection, attempt, state=state, run_state=run_state)
        assert connection.scalar(text("select count(*) from v1_curves")) == 1


def test_requeueing_returns_the_asked_states_and_loses_open_attempts(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        records.start_attempt(connection, 1, {})
        failed = records.start_attempt(connection, 2, {})
        records.finish_attempt(
            connection, failed, state=AttemptState.FAILED, run_state=RunState.FAILED, reason="bug"
        )
        records.requeue(connection, 1, [RunState.RUNNING])
        states = select(Run.state).order_by(Run.id)
        assert connection.scalars(states).all() == ["queued", "failed", "queued"]
        assert connection.scalars(select(Attempt.state)).all() == ["lost", "failed"]
        records.requeue(connection, 1, [RunState.RUNNING, RunState.FAILED])
        assert set(connection.scalars(states)) == {"queued"}


def test_the_reason_of_a_failure_is_found(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        attempt = records.start_attempt(connection, 2, {})
        records.finish_attempt(
            connection, attempt, state=AttemptState.FAILED, run_state=RunState.FAILED, reason="bug"
        )
        assert queries.failed_runs(connection, 1) == [("g/shampoo", 1, 1, "bug")]
        assert queries.study_state(connection, "g/shampoo") == "blocked"


def test_nan_is_never_stored(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        attempt = records.start_attempt(connection, 1, {})
        with pytest.raises((IntegrityError, ValueError)):
            records.add_measurement(connection, attempt, Measurement(5, {"valid_loss": math.nan}))


def test_infinity_is_never_stored(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        attempt = records.start_attempt(connection, 1, {})
        with pytest.raises(ValueError, match="finite"):
            records.add_measurement(connection, attempt, Measurement(5, {"valid_loss": math.inf}))


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
