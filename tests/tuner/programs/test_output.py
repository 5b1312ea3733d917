"""What is read from a program's output, line by line."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.study import Measurement, RunState
from shampoo_tune.tuner.messages import Failed, Finished, Job
from shampoo_tune.tuner.programs.output import Output

JOB = Job(1, {"metric": "f1"}, {}, seed=0, steps=20, eval_every=10)


def run(*lines: Any) -> tuple[list[Measurement], Finished | Failed]:
    """The measurements and the verdict of a program that prints these lines."""
    measured: list[Measurement] = []
    output = Output(JOB, measured.append)
    for line in lines:
        if verdict := output.take(line if isinstance(line, str) else json.dumps(line)):
            return measured, verdict
    return measured, output.end()


def line(step: Any, value: Any = 0.5, metric: Any = "f1") -> dict[str, Any]:
    return {"step": step, "metric": metric, "value": value}


def test_metrics_of_a_step_are_one_measurement_and_other_lines_are_ignored() -> None:
    measured, verdict = run(
        "loading data ...\n", line(10), line(10, 2, "loss"), '{"epoch": 1}', "{broken", line(20, 1)
    )
    assert measured == [Measurement(10, {"f1": 0.5, "loss": 2.0}), Measurement(20, {"f1": 1.0})]
    assert verdict == Finished(1, RunState.COMPLETED, None)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 10**400, -(10**400)])
def test_a_value_that_is_not_finite_makes_the_run_infeasible(value: float) -> None:
    measured, verdict = run(line(10), line(20, value, "loss"), line(20))
    reason = "non-finite metric at step 20: loss"
    assert verdict == Finished(1, RunState.INFEASIBLE, reason)
    assert measured == [Measurement(10, {"f1": 0.5})]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([line(0)], "step must be a whole number from 1 to 20"),
        ([line(21)], "step must be a whole number from 1 to 20"),
        ([line(10.0)], "step must be a whole number"),
        ([line(True)], "step must be a whole number"),
        ([line(10), line(5)], "steps must not go back, the last was 10"),
        ([line(10), line(10)], "f1 was printed for step 10 before"),
        ([line(10, "0.5")], "value must be a number"),
        ([line(10, None)], "value must be a number"),
        ([line(10, True)], "value must be a number"),
        ([line(10, 1, "")], "metric must be a name"),
        ([line(10, 1, "a b")], "metric must be a name without spaces"),
        ([line(10)], "the program ended without f1 at step 20, the last of its budget"),
        ([line(20, 1, "loss")], "the program ended without f1 at step 20"),
        ([], "the program ended without f1 at step 20"),
    ],
)
def test_what_is_no_whole_curve_has_failed_with_its_reason(lines: list[Any], told: str) -> None:
    _, verdict = run(*lines)
    assert isinstance(verdict, Failed)
    assert told in verdict.reason


def test_a_failure_shows_the_last_lines_before_its_reason() -> None:
    _, verdict = run(*[f"log {k}" for k in range(30)])
    assert isinstance(verdict, Failed)
    shown = verdict.reason.splitlines()
    assert shown[:2] == ["log 10", "log 11"]
    assert shown[-1].startswith("the program ended without f1")


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3)
objects = st.fixed_dictionaries({"step": values, "metric": values, "value": values})


@given(st.lists(objects | st.builds(line, st.integers(1, 20), st.floats(-1, 1)) | st.text()))
def test_whatever_is_printed_gives_a_verdict_and_a_rising_finite_curve(lines: list[Any]) -> None:
    measured, verdict = run(*lines)
    steps = [m.step for m in measured]
    assert steps == sorted(set(steps))
    assert all(abs(value) <= 1e308 for m in measured for value in m.metrics.values())
    if isinstance(verdict, Finished) and verdict.state is RunState.COMPLETED:
        assert measured[-1].step == 20
        assert "f1" in measured[-1].metrics
