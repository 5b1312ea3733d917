"""Measurements are stored by the batch, each under its study's metric."""

from typing import Any

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from shampoo_tune.storage import queries, records
from shampoo_tune.storage.attempts import finish_attempt, start_attempt
from shampoo_tune.storage.measurements import add_measurements
from shampoo_tune.study import AttemptState, Measurement, RunState
from tests.storage.conftest import GROUP, new_study


def finish(connection: Connection, attempt: int) -> None:
    state, run_state = AttemptState.COMPLETED, RunState.COMPLETED
    finish_attempt(connection, attempt, state=state, run_state=run_state)


def curves(connection: Connection) -> set[tuple[Any, ...]]:
    query = text("select study, trial, step, metric, value from v1_curves")
    return set(map(tuple, connection.execute(query)))


def test_a_batch_holds_attempts_of_several_studies(make_filled: Any) -> None:
    filled = make_filled()
    with filled.database.write() as connection:
        other = records.create_group(
            connection, GROUP | {"name": "h"}, [new_study(name="h/shampoo")]
        )
        (first, *_), (second, *_) = (queries.next_runs(connection, g, 1) for g in (1, other))
        one, two = (start_attempt(connection, run.run_id, {}) for run in (first, second))
        batch = [
            (one, Measurement(5, {"valid_loss": 0.5, "valid_accuracy": 0.25})),
            (two, Measurement(5, {"valid_loss": 1.5})),
            (one, Measurement(10, {"valid_loss": 0.125, "valid_accuracy": 0.75})),
            (two, Measurement(10, {"valid_loss": 1.0})),
        ]
        add_measurements(connection, batch)
        finish(connection, one)
        finish(connection, two)
    with filled.database.read() as connection:
        assert curves(connection) == {
            ("g/shampoo", 0, 5, "valid_loss", 0.5),
            ("g/shampoo", 0, 5, "valid_accuracy", 0.25),
            ("g/shampoo", 0, 10, "valid_loss", 0.125),
            ("g/shampoo", 0, 10, "valid_accuracy", 0.75),
            ("h/shampoo", 0, 5, "valid_loss", 1.5),
            ("h/shampoo", 0, 10, "valid_loss", 1.0),
        }


def test_a_metric_that_was_not_announced_is_stored_too(make_filled: Any) -> None:
    filled = make_filled()
    with filled.database.write() as connection:
        attempt = start_attempt(connection, 1, {})
        for step in (5, 10):
            values = {"gradient_norm": 2.0 / step, "top5_accuracy": step / 16}
            add_measurements(connection, [(attempt, Measurement(step, values))])
        finish(connection, attempt)
    with filled.database.read() as connection:
        assert len(curves(connection)) == 4
        query = text("select metric, goal, median from v1_seed_medians where median is not null")
        assert set(map(tuple, connection.execute(query))) == {
            ("gradient_norm", "minimize", 0.2),
            ("top5_accuracy", "maximize", 0.625),
        }


def test_one_value_that_is_not_finite_refuses_the_whole_batch(make_filled: Any) -> None:
    filled = make_filled()
    with filled.database.write() as connection:
        attempt = start_attempt(connection, 1, {})
        batch = [(attempt, Measurement(n, {"valid_loss": v})) for n, v in ((1, 1.0), (2, 1e999))]
        with pytest.raises(ValueError, match="finite"):
            add_measurements(connection, batch)
        assert connection.scalar(text("select count(*) from measurements")) == 0


INFINITY = {"sqlite": "9e999", "postgresql+psycopg": "cast('Infinity' as double precision)"}


@pytest.mark.parametrize("sign", ["", "-"])
def test_the_table_itself_refuses_what_is_not_finite(make_filled: Any, sign: str) -> None:
    database = make_filled().database
    value = sign + INFINITY[database.url.drivername]
    with database.write() as connection:
        attempt = start_attempt(connection, 1, {})
        insert = f"insert into measurements values ({attempt}, 1, 5, {value})"  # noqa: S608
        with pytest.raises(IntegrityError, match="finite"):
            connection.execute(text(insert))


def test_a_step_is_measured_once(make_filled: Any) -> None:
    filled = make_filled()
    with filled.database.write() as connection:
        attempt = start_attempt(connection, 1, {})
        batch = [(attempt, Measurement(5, {"valid_loss": 1.0}))]
        add_measurements(connection, batch)
        with pytest.raises(Exception, match=r"(?i)unique"):
            add_measurements(connection, batch)


def test_an_empty_batch_is_nothing(make_filled: Any) -> None:
    with make_filled().database.write() as connection:
        add_measurements(connection, [])
        assert connection.scalar(text("select count(*) from measurements")) == 0
