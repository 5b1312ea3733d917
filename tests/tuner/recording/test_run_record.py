"""Which lines are finished runs, and what is said of the others."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.study import Measurement, Phase, RunState
from shampoo_tune.tuner.recording.run_record import Budgeted, RunRecord, read_record

BUDGET = Budgeted("g/lars", "valid_accuracy", 20)
GOOD: dict[str, Any] = {
    "trial": 1,
    "phase": "finalists",
    "seed": 100_000,
    "state": "completed",
    "measurements": [
        {"step": 10, "metrics": {"valid_loss": 2}},
        {"step": 20, "metrics": {"valid_accuracy": 0.5, "valid_loss": 1.5}},
    ],
}
LAST = GOOD["measurements"][1]


def broken(**changes: Any) -> list[str]:
    document = {k: v for k, v in {**GOOD, **changes}.items() if v is not ...}
    read = read_record(document, BUDGET)
    assert isinstance(read, list)
    return [f"{b.path}: {b.rule}" + (f" ({b.hint})" if b.hint else "") for b in read]


def test_a_whole_line_is_a_run() -> None:
    read = read_record({**GOOD, "study": "g/lars"}, BUDGET)
    assert read == RunRecord(
        (1, Phase.FINALISTS, 100_000),
        RunState.COMPLETED,
        None,
        (
            Measurement(10, {"valid_loss": 2.0}),
            Measurement(20, {"valid_accuracy": 0.5, "valid_loss": 1.5}),
        ),
    )


def test_an_infeasible_run_needs_a_reason_and_no_measurements() -> None:
    diverged = {**GOOD, "state": "infeasible", "reason": "diverged at step 3", "measurements": []}
    assert isinstance(read_record(diverged, BUDGET), RunRecord)
    assert broken(state="infeasible") == [
        "reason: an infeasible run has a reason (such as diverged at step 12)"
    ]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"trial": ...}, "trial: missing key 'trial'"),
        ({"trial": -1}, "trial: must be greater than or equal to 0"),
        ({"trial": True}, "trial: must be a valid integer"),
        ({"seed": "1"}, "seed: must be a valid integer"),
        ({"phase": "warmup"}, "phase: must be 'search', 'finalists' or 'final'"),
        ({"state": "failed"}, "state: must be 'completed' or 'infeasible'"),
        ({"value": 1}, "value: unknown key 'value' (known: study, trial, phase, seed, state, reas"),
        ({"study": "g/sgd"}, "study: is 'g/sgd', but 'g/lars' is recorded"),
        ({"reason": "slow"}, "reason: a completed run has none"),
        ({"measurements": []}, "measurements: a completed run has valid_accuracy at step 20"),
        ({"measurements": GOOD["measurements"][:1]}, "measurements: a completed run has valid_a"),
        ({"measurements": [LAST, LAST]}, "measurements: steps must rise"),
        ({"measurements": [{**LAST, "step": 30}]}, "measurements: a run has 20 steps, got step 30"),
        ({"measurements": [{**LAST, "step": 0}]}, "measurements.0.step: must be greater than or"),
        ({"measurements": [{**LAST, "n": 0}]}, "measurements.0.n: unknown key 'n' (known: step, "),
        ({"measurements": [{"step": 20, "metrics": {"valid_accuracy": math.nan}}]},
         "measurements.0.metrics.valid_accuracy: must be a finite number (a run that diverged is"),
        ({"measurements": [{"step": 20, "metrics": {"valid_accuracy": 1e308 * 1.1}}]},
         "measurements.0.metrics.valid_accuracy: must be less than or equal to"),
    ],
)  # fmt: skip
def test_a_broken_line_is_told_by_its_key(changes: dict[str, Any], told: str) -> None:
    assert any(line.startswith(told) for line in broken(**changes)), broken(**changes)


def test_a_line_that_is_no_object_is_refused() -> None:
    assert isinstance(read_record([1], BUDGET), list)


numbers = st.floats() | st.integers() | st.none() | st.booleans()


@given(st.lists(st.tuples(st.integers(-1, 25), st.dictionaries(st.text(), numbers))))
def test_whatever_is_read_can_be_stored(measured: list[tuple[int, dict[str, Any]]]) -> None:
    measurements = [{"step": step, "metrics": metrics} for step, metrics in measured]
    document = {**GOOD, "measurements": [*measurements, LAST]}
    read = read_record(json.loads(json.dumps(document)), BUDGET)
    if isinstance(read, RunRecord):
        steps = [m.step for m in read.measurements]
        assert steps == sorted(set(steps))
        values = [v for m in read.measurements for v in m.metrics.values()]
        assert all(abs(value) <= 1e308 for value in values)
