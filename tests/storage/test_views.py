"""The public views against an independent calculation in numpy."""

import math
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats
from sqlalchemy import text

from shampoo_tune.storage import queries
from shampoo_tune.storage.queries import MedianRow
from shampoo_tune.study import Phase

Values = list[float | None]


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
    with tempfile.TemporaryDirectory() as folder:
        filled = make_filled(f"sqlite:///{Path(folder) / 'study.db'}", goal=goal, target=0.5)
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
    make_filled: Any, tmp_path: Path, goal: str, n: int
) -> None:
    for infeasible in sorted({1, (n - 1) // 2, n // 2, n // 2 + 1, n}):
        filled = make_filled(f"sqlite:///{tmp_path / f'{infeasible}.db'}", goal=goal)
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


def test_views_have_the_columns_of_the_contract(make_filled: Any) -> None:
    columns = {
        "v1_studies": "study group_name arm replicate workload metric goal target steps trials "
        "finalists seeds state created_at",
        "v1_trials": "study trial state reason objective search_value best_value seconds",
        "v1_trial_parameters": "study trial name value_number value_text",
        "v1_curves": "study trial phase seed step metric value",
        "v1_seed_medians": "study trial phase metric goal seeds infeasible reached median ci_low "
        "ci_high median_steps_to_target",
        "v1_steps_to_target": "study trial phase seed steps",
    }
    with make_filled().database.read() as connection:
        for view, names in columns.items():
            assert " ".join(connection.execute(text(f"select * from {view}")).keys()) == names  # noqa: S608
