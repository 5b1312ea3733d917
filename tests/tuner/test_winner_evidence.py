"""What speaks for a winner: every number is that of the public views, and nothing is left out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from shampoo_tune.best_config import BestConfig
from shampoo_tune.errors import ConditionNotMetError
from shampoo_tune.storage import queries
from shampoo_tune.tuner.statistics.over_studies import study_interval
from shampoo_tune.tuner.winner import best_config
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import Formula, PretendedLaboratory

Best = Callable[..., BestConfig]
TRIALS = "budget.trials=40"


def rising(point: dict[str, Any], seed: int) -> float:
    """The larger the rate the better, up to the end of its range; each seed has its luck."""
    return float(0.8 + 0.3 * point["learning_rate"] + 0.001 * (seed % 7))


def lucky(point: dict[str, Any], seed: int) -> float:
    """No value of a parameter is better than another."""
    del point
    return 0.9 + 0.001 * (seed * 7 % 23)


@pytest.fixture
def best(tmp_path: Path) -> Best:
    def make(*overrides: str, formula: Formula = rising, runs: int | None = None) -> BestConfig:
        laboratory = PretendedLaboratory(tmp_path)
        laboratory.run(quick_study(*overrides), formula, runs=runs)
        with laboratory.read() as connection:
            study = queries.require_study(connection, "quick/nesterov")
            config = best_config(connection, study, provisional=runs is not None)
            _check_against_views(connection, config)
        laboratory.close()
        return config

    return make


def _check_against_views(connection: Any, config: BestConfig) -> None:
    query = text(
        "select phase, seeds, infeasible, reached, median, ci_low, ci_high, median_steps_to_target "
        "from v1_seed_medians where study = 'quick/nesterov' and metric = 'valid_accuracy' "
        "and trial = :trial"
    )
    rows = connection.execute(query, {"trial": config.provenance["trial"]})
    found = {row.phase: row for row in rows}
    assert config.evidence["search"]["value"] == found["search"].median
    if not config.evidence["provisional"]:
        assert config.evidence["finalists"]["median"] == found["finalists"].median
        final = {key: value for key, value in found["final"]._mapping.items() if key != "phase"}
        assert config.evidence["final"].items() >= final.items()


def test_a_winner_comes_with_its_search_finalists_and_final_values(best: Best) -> None:
    evidence = best().evidence
    assert evidence["provisional"] is False
    assert (evidence["metric"], evidence["goal"], evidence["target"]) == (
        "valid_accuracy", "maximize", 0.9,
    )  # fmt: skip
    assert evidence["final"]["seeds"] == 7
    assert evidence["final"]["ci_low"] < evidence["final"]["median"] < evidence["final"]["ci_high"]
    assert evidence["final"]["test_median"] == evidence["final"]["median"]  # by the formula
    assert evidence["final"]["test_metric"] == "test_accuracy"
    assert evidence["over_studies"] is None


def test_the_end_of_a_range_that_the_best_crowd_at_is_flagged(best: Best) -> None:
    flags = best(TRIALS).evidence["search"]["boundary"]
    assert {"parameter": "learning_rate", "side": "high", "edge": 0.5, "flag": "expand"} in flags


def test_without_a_crowd_no_end_is_called_too_near(best: Best) -> None:
    flags = best(TRIALS, formula=lucky).evidence["search"]["boundary"]
    assert all(flag["flag"] == "info" for flag in flags)


def test_where_a_sampler_looked_at_results_no_end_is_judged(best: Best) -> None:
    assert best("search.sampler=tpe").evidence["search"]["boundary"] is None


def test_infeasible_final_seeds_are_counted(best: Best) -> None:
    def unlucky(point: dict[str, Any], seed: int) -> float | None:
        return None if seed in (200_001, 200_005) else rising(point, seed)

    final = best(formula=unlucky).evidence["final"]
    assert (final["seeds"], final["infeasible"]) == (7, 2)


def test_several_studies_have_an_interval_of_their_own(best: Best) -> None:
    def formula(point: dict[str, Any], seed: int) -> float:
        return lucky(point, seed) + 0.01 * (seed // 1_000_000) ** 2

    over = best("budget.studies=3", formula=formula).evidence["over_studies"]
    assert (over["studies"], over["completed"]) == (3, 3)
    assert over["ci_low"] < over["mean"] < over["ci_high"]


def test_the_interval_over_studies_is_that_of_their_medians(tmp_path: Path) -> None:
    laboratory = PretendedLaboratory(tmp_path)
    laboratory.run(quick_study("budget.studies=3"), rising)
    with laboratory.read() as connection:
        names = ("quick/nesterov", "quick/nesterov#1", "quick/nesterov#2")
        rows = [queries.require_study(connection, name) for name in names]
        told = [best_config(connection, row, provisional=False).evidence for row in rows]
    laboratory.close()
    wanted = study_interval([evidence["final"]["median"] for evidence in told])
    for evidence in told:
        assert evidence["over_studies"] == {
            "studies": 3, "completed": 3, "mean": wanted.estimate, "ci_low": wanted.low,
            "ci_high": wanted.high,
        }  # fmt: skip


def test_before_all_studies_are_complete_they_have_no_interval(best: Best) -> None:
    over = best("budget.studies=3", runs=45).evidence["over_studies"]
    assert over == {"studies": 3, "completed": 2, "mean": None, "ci_low": None, "ci_high": None}


@pytest.mark.parametrize("runs", [3, 6, 12])
def test_a_provisional_winner_says_so_and_has_no_final_median(best: Best, runs: int) -> None:
    evidence = best(runs=runs).evidence
    assert evidence["provisional"] is True
    assert evidence["final"]["median"] is None


def test_without_a_feasible_trial_there_is_no_winner(best: Best) -> None:
    with pytest.raises(ConditionNotMetError, match="no feasible trial"):
        best(formula=lambda point, seed: None)
