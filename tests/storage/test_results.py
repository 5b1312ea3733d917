"""Results and costs of random studies against plain Python over what was written."""

from collections import Counter
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shampoo_tune.storage.results import RunResult, cost_of, curve_rows, run_results
from shampoo_tune.study import Phase, RunState
from tests.storage.conftest import METRICS
from tests.storage.histories import GOALS, STEPS, History, studies

COLUMNS = st.fixed_dictionaries(
    {
        "metric": st.sampled_from(["valid_loss", "valid_accuracy"]),
        "goal": st.sampled_from(["minimize", "maximize"]),
        "target": st.none() | st.sampled_from([0.25, 0.5, 1.0]),
    }
)
random_studies = settings(max_examples=25, suppress_health_check=list(HealthCheck))


def expected_result(history: History, metric: str, columns: dict[str, Any]) -> RunResult:
    own = metric == columns["metric"]
    goal = columns["goal"] if own else GOALS[metric]
    values = history.values(metric)
    best = None if not values else max(values) if goal == "maximize" else min(values)
    target = columns["target"] if own else None
    hits = [
        step
        for step, value in zip(STEPS, values, strict=False)
        if target is not None and (value >= target if goal == "maximize" else value <= target)
    ]
    return RunResult(
        trial=history.trial,
        phase=history.phase,
        seed=history.seed,
        state=history.state,
        reason="a reason" if history.state is RunState.INFEASIBLE else None,
        final=values[-1] if values else None,
        best=best,
        best_step=STEPS[values.index(best)] if best is not None else None,
        steps_to_target=hits[0] if hits else None,
    )


@random_studies
@given(histories=studies(), columns=COLUMNS, metric=st.sampled_from(METRICS))
def test_results_are_those_of_the_raw_measurements(
    crowd: Any, histories: list[History], columns: dict[str, Any], metric: str
) -> None:
    study = crowd.add(histories, **columns)
    with crowd.database.read() as connection:
        results = run_results(connection, study.id, metric)
    judged = [history for history in histories if history.judged]  # already in order
    assert results == [expected_result(history, metric, columns) for history in judged]


@random_studies
@given(histories=studies(), phase=st.sampled_from(Phase), some=st.booleans())
def test_curves_are_those_of_the_attempt_that_gave_the_verdict(
    crowd: Any, histories: list[History], phase: Phase, some: bool
) -> None:
    study = crowd.add(histories)
    with crowd.database.read() as connection:
        rows = curve_rows(connection, study.id, "valid_loss", phase, [0, 2] if some else None)
    assert [tuple(row) for row in rows] == [
        (history.trial, history.seed, step, metrics["valid_loss"])
        for history in histories
        if history.judged and history.phase is phase and (history.trial in (0, 2) or not some)
        for step, metrics in zip(STEPS, history.attempts[-1].curve, strict=False)
    ]


@random_studies
@given(histories=studies())
def test_the_cost_counts_every_attempt(crowd: Any, histories: list[History]) -> None:
    study = crowd.add(histories)
    with crowd.database.read() as connection:
        cost = cost_of(connection, study.id)
    attempts = [attempt for history in histories for attempt in history.attempts]
    completed = [h.attempts[-1] for h in histories if h.state is RunState.COMPLETED]
    steps = [attempt.seconds * (1 - 1 / 4 - 1 / 8) / STEPS[-1] for attempt in completed]
    sizes = sorted(size for a in attempts if (size := a.facts.get("optimizer_state_bytes")))
    assert cost.runs == Counter((history.phase, history.state) for history in histories)
    assert cost.attempts == len(attempts)
    assert cost.trained_steps == sum(attempt.last_step for attempt in attempts)
    assert cost.seconds == sum(h.attempts[-1].seconds for h in histories if h.judged)
    assert cost.step_seconds == (pytest.approx(median(steps)) if steps else None)
    assert cost.optimizer_state_bytes == (sizes[(len(sizes) - 1) // 2] if sizes else None)

    def seen(name: str) -> set[str]:
        return {attempt.facts[name] for attempt in attempts if name in attempt.facts}

    assert cost.hosts == len(seen("host"))
    assert cost.device_kinds == seen("device_kind")
    assert cost.jaxlibs == seen("jaxlib")
    assert cost.workload_fingerprints == seen("workload_fingerprint")


def test_a_study_that_has_not_begun_has_cost_nothing(crowd: Any) -> None:
    study = crowd.add([])
    with crowd.database.read() as connection:
        cost = cost_of(connection, study.id)
        assert run_results(connection, study.id, "valid_loss") == []
    assert cost.runs == {(Phase.SEARCH, RunState.QUEUED): 3}
    assert (cost.attempts, cost.trained_steps, cost.seconds, cost.hosts) == (0, 0, 0.0, 0)
    assert cost.step_seconds is None


def test_a_metric_that_was_not_measured_has_no_values(make_filled: Any) -> None:
    filled = make_filled()
    filled.add_final_runs([0.5])
    with filled.database.read() as connection:
        (result,) = run_results(connection, filled.study.id, "test_loss")
    assert (result.state, result.final, result.best) == (RunState.COMPLETED, None, None)
