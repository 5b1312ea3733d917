"""The public views against an independent calculation in numpy."""

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats
from sqlalchemy import Connection, text

from shampoo_tune.storage import queries
from shampoo_tune.storage.approvals import add_approval
from shampoo_tune.storage.queries import MedianRow
from shampoo_tune.study import Phase, RunState
from tests.storage.conftest import METRICS
from tests.storage.histories import GOALS, STEPS, Attempt, Crowd, History, studies
from tests.storage.instructions import instructions

Values = Sequence[float | None]

COLUMNS = {
    "v1_studies": "study group_name arm replicate workload metric goal target steps trials "
    "finalists seeds state created_at",
    "v1_trials": "study trial state reason objective search_value best_value seconds best_step",
    "v1_trial_parameters": "study trial name value_number value_text",
    "v1_curves": "study trial phase seed step metric value",
    "v1_seed_medians": "study trial phase metric goal seeds infeasible reached median ci_low "
    "ci_high median_steps_to_target",
    "v1_steps_to_target": "study trial phase seed steps",
    "v1_best_configs": "study trial alias digest approved_at note",
}
ATTEMPT = Attempt(tuple(dict.fromkeys(METRICS, value) for value in (0.25, 0.5, 0.75)), {}, 1.0)


def final_medians(filled: Any, metric: str = "valid_accuracy") -> MedianRow:
    with filled.database.read() as connection:
        return queries.medians(connection, "g/shampoo", Phase.FINAL, metric)[0]


def expected_median(values: Values, goal: str) -> float | None:
    worst = -math.inf if goal == "maximize" else math.inf
    ordered = np.sort([worst if value is None else value for value in values])
    middle = ordered[[(len(values) - 1) // 2, len(values) // 2]]
    return float(middle.mean()) if np.isfinite(middle).all() else None


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    values=st.lists(st.none() | st.integers(0, 8).map(lambda k: k / 8), min_size=1, max_size=12),
    goal=st.sampled_from(["maximize", "minimize"]),
)
def test_median_counts_infeasible_runs_as_worst(
    make_filled: Any, values: Values, goal: str
) -> None:
    filled = make_filled(goal=goal, target=0.5)
    filled.add_final_runs(values)
    row = final_medians(filled)
    filled.database.close()
    assert row.median == expected_median(values, goal)
    assert row.seeds == len(values)
    assert row.infeasible == values.count(None)
    hits = [v is not None and (v >= 0.5 if goal == "maximize" else v <= 0.5) for v in values]
    assert row.reached == sum(hits)


@pytest.mark.parametrize("goal", ["maximize", "minimize"])
@pytest.mark.parametrize("n", [6, 50, 51])
def test_median_is_null_exactly_when_a_middle_value_is_infeasible(
    make_filled: Any, goal: str, n: int
) -> None:
    for infeasible in sorted({1, (n - 1) // 2, n // 2, n // 2 + 1, n}):
        filled = make_filled(goal=goal)
        filled.add_final_runs([None] * infeasible + [0.5] * (n - infeasible))
        row = final_medians(filled)
        assert (row.median is None) == (infeasible > (n - 1) // 2)
        assert (row.median_steps_to_target is None) == (infeasible > (n - 1) // 2)


@pytest.mark.parametrize("n", [6, 10, 20, 50])
def test_interval_equals_scipys_order_statistics(make_filled: Any, n: int) -> None:
    values = np.random.default_rng(n).permutation(np.linspace(0.1, 0.9, n))
    filled = make_filled()
    filled.add_final_runs(values.tolist())
    row = final_medians(filled)
    test: Any = stats.quantile_test(values, q=0, p=0.5)
    interval = test.confidence_interval(confidence_level=0.95)
    assert (row.ci_low, row.ci_high) == (interval.low, interval.high)
    assert row.median == pytest.approx(np.median(values), abs=1e-15)


def test_fifty_seeds_use_ranks_18_and_33(make_filled: Any) -> None:
    filled = make_filled()
    filled.add_final_runs([k / 100 for k in range(1, 51)])
    row = final_medians(filled)
    assert (row.ci_low, row.ci_high) == (0.18, 0.33)


def test_five_seeds_have_no_interval(make_filled: Any) -> None:
    filled = make_filled()
    filled.add_final_runs([0.1, 0.2, 0.3, 0.4, 0.5])
    row = final_medians(filled)
    assert (row.ci_low, row.ci_high, row.median) == (None, None, 0.3)


def test_steps_to_target_is_the_first_evaluated_crossing(make_filled: Any) -> None:
    filled = make_filled()
    filled.add_final_runs([0.6, 0.4, None], curve=True)
    with filled.database.read() as connection:
        query = text("select steps from v1_steps_to_target where phase = 'final' order by seed")
        assert connection.scalars(query).all() == [5, None, None]


def test_objective_best_takes_the_best_value_of_a_run(make_filled: Any) -> None:
    filled = make_filled(objective="best", goal="minimize", metric="valid_loss")
    filled.add_final_runs([0.6])  # 0.0 at step 5, 0.6 at the last
    assert final_medians(filled, "valid_loss").median == 0.0


def test_losses_are_minimised_and_carry_no_target(make_filled: Any) -> None:
    filled = make_filled()
    filled.add_final_runs([0.1, None, 0.3])
    row = final_medians(filled, "valid_loss")
    assert row.median == 0.3  # the infeasible run sorts last
    assert row.reached is None


@pytest.mark.parametrize("objective", ["final", "best"])
@pytest.mark.parametrize("goal", ["maximize", "minimize"])
@pytest.mark.parametrize("n", [7, 50])
def test_medians_equal_numpys_over_the_curves(
    make_filled: Any, goal: str, objective: str, n: int
) -> None:
    rng, worst = np.random.default_rng(n), -math.inf if goal == "maximize" else math.inf
    for infeasible in (0, 1, n // 2, n):
        curves = rng.permutation(np.linspace(0.1, 0.9, 2 * n)).reshape(n, 2)
        curves[:infeasible] = worst
        filled = make_filled(goal=goal, objective=objective, target=0.6)
        filled.add_final_curves(
            [tuple(c) if np.isfinite(c).all() else None for c in curves.tolist()]
        )
        row = final_medians(filled)
        best = curves.max(axis=1) if goal == "maximize" else curves.min(axis=1)
        values = best if objective == "best" else curves[:, -1]
        hits = curves >= 0.6 if goal == "maximize" else curves <= 0.6
        steps = np.where(hits[:, 0], 5.0, np.where(hits[:, 1], 10.0, math.inf))
        reached = values >= 0.6 if goal == "maximize" else values <= 0.6
        rank = int(stats.binom.ppf(0.025, n, 0.5))
        assert (row.seeds, row.infeasible) == (n, infeasible)
        assert row.median == approximately(np.median(values))
        assert row.ci_low == approximately(np.sort(values)[rank - 1])
        assert row.ci_high == approximately(np.sort(values)[n - rank])
        assert row.median_steps_to_target == approximately(np.median(steps))
        assert row.reached == reached.sum()


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    histories=studies(),
    objective=st.sampled_from(["final", "best"]),
    target=st.none() | st.sampled_from([0.25, 0.5, 1.0]),
)
def test_views_of_random_studies_tell_what_was_written(
    crowd: Any, histories: list[History], objective: str, target: float | None
) -> None:
    study = crowd.add(histories, metric="valid_accuracy", objective=objective, target=target)
    with crowd.database.read() as connection:

        def ask(columns: str, view: str) -> set[Any]:
            query = text(f"select {columns} from {view} where study = :study")  # noqa: S608
            rows = [tuple(row) for row in connection.execute(query, {"study": study.name})]
            assert len(set(rows)) == len(rows)
            return set(rows)

        assert ask("trial, state, search_value, best_value, seconds, best_step", "v1_trials") == {
            expected_trial(history, objective)
            for history in histories
            if history.phase is Phase.SEARCH
        }
        assert ask("trial, phase, seed, step, metric, value", "v1_curves") == {
            (h.trial, h.phase, h.seed, step, metric, value)
            for h in histories
            if h.judged
            for step, metrics in zip(STEPS, h.attempts[-1].curve, strict=False)
            for metric, value in metrics.items()
        }
        assert ask("trial, phase, seed, steps", "v1_steps_to_target") == {
            (h.trial, h.phase, h.seed, first_hit(h, target)) for h in histories if h.judged
        }
        assert ask(
            "trial, phase, metric, seeds, infeasible, reached, median, median_steps_to_target",
            "v1_seed_medians",
        ) == set(expected_medians(histories, objective, target))


@pytest.mark.parametrize(
    ("search", "later", "state"),
    [
        ("completed", (), "running"),  # the finalists are not queued yet
        ("completed", (Phase.FINALISTS,), "running"),  # nor are the final seeds
        ("completed", (Phase.FINALISTS, Phase.FINAL), "completed"),
        ("infeasible", (), "completed"),  # there is nothing to go on with
    ],
)
def test_between_two_phases_a_study_goes_on(
    crowd: Any, search: str, later: tuple[Phase, ...], state: str
) -> None:
    runs = [(trial, Phase.SEARCH, RunState(search)) for trial in range(3)]
    runs += [(0, phase, RunState.COMPLETED) for phase in later]
    histories = [
        History(trial, phase, seed, ended, (ATTEMPT,))
        for seed, (trial, phase, ended) in enumerate(runs)
    ]
    study = crowd.add(histories)
    with crowd.database.read() as connection:
        assert queries.study_state(connection, study.name) == state


def expected_trial(history: History, objective: str) -> tuple[Any, ...]:
    values = history.values("valid_accuracy")
    best = max(values, default=None)
    return (
        history.trial,
        history.state,
        value_of(history, "valid_accuracy", objective),
        best,
        history.attempts[-1].seconds if history.judged else None,
        STEPS[values.index(best)] if best is not None else None,
    )


def value_of(history: History, metric: str, objective: str) -> float | None:
    values = history.values(metric)
    if not values:
        return None
    return max(values) if objective == "best" and metric == "valid_accuracy" else values[-1]


def first_hit(history: History, target: float | None) -> int | None:
    values = zip(STEPS, history.values("valid_accuracy"), strict=False)
    return next((step for step, v in values if target is not None and v >= target), None)


def expected_medians(
    histories: list[History], objective: str, target: float | None
) -> Iterator[tuple[Any, ...]]:
    cells = {(h.trial, h.phase) for h in histories if h.judged}
    for (trial, phase), metric in product(cells, METRICS):
        runs = [h for h in histories if h.judged and (h.trial, h.phase) == (trial, phase)]
        own, goal = metric == "valid_accuracy", GOALS[metric]
        values = [value_of(h, metric, objective) for h in runs]
        steps = [first_hit(h, target) if own else None for h in runs]
        reached = [v is not None and target is not None and v >= target for v in values]
        yield (
            trial,
            phase,
            metric,
            len(runs),
            values.count(None),
            sum(reached) if own and target is not None else None,
            expected_median(values, goal),
            expected_median(steps, "minimize"),
        )


def approximately(value: Any) -> Any:
    """NULL for what is infinite, or for a mean of two infinities."""
    return pytest.approx(value, abs=1e-15) if np.isfinite(value) else None


@pytest.mark.parametrize("engine", ["sqlite"])
@pytest.mark.parametrize("view", COLUMNS)
def test_a_question_about_one_study_reads_no_other(make_filled: Any, view: str) -> None:
    filled = make_filled()
    filled.add_final_runs([0.1, 0.2, None, 0.4, 0.5, 0.6, 0.7])
    with filled.database.write() as connection:
        add_approval(connection, 1, {"digest": "sha256:0"}, author="somebody@somewhere")
    query = text(f"select * from {view} where study = 'g/shampoo'")  # noqa: S608

    def ask(connection: Connection) -> None:
        assert connection.execute(query).all()

    with filled.database.read() as connection:
        alone = instructions(connection, ask)
    crowd = Crowd(filled.database)
    for _ in range(20):
        crowd.add([History(0, Phase.FINAL, k, RunState.COMPLETED, (ATTEMPT,)) for k in range(7)])
    with filled.database.read() as connection:
        assert instructions(connection, ask) < 1.1 * alone


def test_views_have_the_columns_of_the_contract(make_filled: Any) -> None:
    with make_filled().database.read() as connection:
        for view, names in COLUMNS.items():
            assert " ".join(connection.execute(text(f"select * from {view}")).keys()) == names  # noqa: S608
