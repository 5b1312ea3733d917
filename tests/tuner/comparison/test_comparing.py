"""What `compare` says of groups that were trained, against plain arithmetic on their rows."""

import json
import math

import numpy as np
import pytest
from scipy import stats
from sqlalchemy import Connection, text

from shampoo_tune.errors import NotFoundError
from shampoo_tune.study import Objective, Phase, run_seed
from shampoo_tune.tuner.study_loading import load_studies
from tests.tuner.comparison.conftest import Pairs

FINAL = """
select seed, value from v1_curves c where study = :study and phase = :phase
and metric = 'valid_accuracy' and step = 20 order by trial, seed
"""


def final_values(connection: Connection, study: str, phase: Phase) -> list[float]:
    rows = connection.execute(text(FINAL), {"study": study, "phase": phase})
    return [row.value for row in rows]


def test_the_table_equals_plain_arithmetic_on_the_rows(
    pairs: Pairs, connection: Connection
) -> None:
    comparison = pairs.compare("pair")
    for row in comparison.rows:
        (study,) = row.studies
        values = sorted(final_values(connection, study.study, Phase.FINAL))
        assert len(values) == 7
        assert study.final_median == values[3]
        assert study.interval is not None
        assert (study.interval.low, study.interval.high) == (values[0], values[6])
        assert study.target is not None
        assert study.target.reached == sum(value >= 0.9 for value in values)
        search = final_values(connection, study.study, Phase.SEARCH)
        assert study.trial is not None
        assert study.search_value == search[study.trial]
        assert row.best_of[1] == np.median(search)
        assert row.best_of[5] == max(search)
        assert set(row.best_of) == {1, 2, 5}


def test_a_pair_equals_plain_arithmetic_on_the_rows(pairs: Pairs, connection: Connection) -> None:
    (pair,) = pairs.compare("pair").pairs
    first, second = (
        final_values(connection, f"pair/{arm}", Phase.FINAL) for arm in ("nesterov", "slow")
    )
    assert pair.over_seeds.estimate == pytest.approx(np.median(first) - np.median(second))
    assert pair.probability_better == np.mean([[a > b for b in second] for a in first])
    assert pair.seeds_p_value == stats.binomtest(7, 7).pvalue
    assert pair.over_studies is None


def test_one_study_is_about_configurations_only(pairs: Pairs) -> None:
    pairs.launch("pair")
    comparison = pairs.compare("pair")
    assert comparison.conclusive
    assert comparison.verdict.startswith("Configuration only (one study per arm)")
    assert "over the same seeds: nesterov's is higher than slow's, by +0." in comparison.verdict
    assert comparison.pairs[0].ahead_over_seeds == "nesterov"
    assert "better than" not in comparison.verdict


def test_three_studies_can_show_that_an_optimizer_is_better(pairs: Pairs) -> None:
    comparison = pairs.compare(pairs.launch("thrice", "budget.studies=3"))
    (pair,) = comparison.pairs
    medians = np.array([[s.final_median for s in row.studies] for row in comparison.rows])
    expected = stats.ttest_rel(*medians)
    interval = expected.confidence_interval()
    assert pair.over_studies is not None
    assert pair.over_studies.low == pytest.approx(interval.low)
    assert pair.over_studies.high == pytest.approx(interval.high)
    assert pair.studies_p_value == pytest.approx(expected.pvalue)
    assert pair.better == "nesterov"
    assert comparison.verdict.startswith("nesterov is better than slow at this budget")
    assert "95 % interval over 3 studies" in comparison.verdict


def test_one_optimizer_under_two_names_is_not_better_than_itself(pairs: Pairs) -> None:
    same = "optimizers.slow={optimizer: nesterov, learning_rate: 0.3, momentum: 0.8}"
    twin = "optimizers.nesterov={learning_rate: 0.3, momentum: 0.8}"
    comparison = pairs.compare(pairs.launch("twins", same, twin, "budget.studies=3"))
    (pair,) = comparison.pairs
    assert pair.over_seeds.estimate == 0
    assert pair.better is None
    assert not pair.measurable
    assert comparison.verdict.startswith("No difference between the optimizers is shown")


def test_every_inequality_is_listed_and_forbids_a_verdict(pairs: Pairs) -> None:
    other = pairs.launch("other", "budget.trials=4", "budget.steps=10", "target=0.5")
    comparison = pairs.compare(pairs.launch("pair"), other)
    assert not comparison.condition_met
    assert comparison.pairs == ()
    assert [item.what for item in comparison.inequalities] == [
        "target", "steps", "trials", "trials over the lineage", "search steps over the lineage",
    ]  # fmt: skip
    for item in comparison.inequalities:
        assert str(item) in comparison.verdict
    assert "trials: pair/nesterov 5, pair/slow 5, other/nesterov 4, other/slow 4" in (
        comparison.verdict
    )


def test_unequal_trials_are_compared_as_the_best_of_equally_many(pairs: Pairs) -> None:
    fewer = pairs.launch("fewer", "budget.trials=3")
    comparison = pairs.compare(pairs.launch("pair"), fewer, allow_unequal=True)
    assert comparison.condition_met
    assert not comparison.conclusive
    assert all(set(row.best_of) == {1, 2} for row in comparison.rows)
    assert comparison.pairs == ()
    assert comparison.verdict.startswith("No verdict: the budgets are unequal")


def test_the_objective_is_switched_afterwards(pairs: Pairs, connection: Connection) -> None:
    final, best = (
        load_studies(connection, "pair", objective)[0] for objective in (None, Objective.BEST)
    )
    assert (best.search >= final.search).all()
    assert best.objective is Objective.BEST
    assert pairs.compare("pair", objective=Objective.BEST).rows[0].best_of[5] == max(best.search)


def test_the_ledger_counts_every_run_and_step(pairs: Pairs) -> None:
    pairs.launch("pair")
    for ledger in pairs.compare("pair").ledgers.values():
        assert ledger.trials == 5
        assert ledger.search_steps == 5 * 20
        assert ledger.runs == ledger.attempts == 5 + 2 * 3 + 7
        assert ledger.trained_steps == 20 * ledger.runs
        assert ledger.seconds > 0


def test_the_document_has_no_number_that_is_not_finite(pairs: Pairs) -> None:
    pairs.launch("pair")
    document = pairs.compare("pair").to_json()
    assert document["schema"] == "shampoo-tune/compare/v1"
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["ledgers"]["slow"]["trials"] == 5


def test_an_unknown_group_is_not_found(pairs: Pairs) -> None:
    pairs.launch("pair")
    with pytest.raises(NotFoundError, match="no group 'nothing'"):
        pairs.compare("nothing")


def test_arms_share_the_seeds_that_they_are_paired_by(connection: Connection) -> None:
    first, second = load_studies(connection, "pair")
    assert len(first.final) == len(second.final) == 7
    assert not math.isnan(first.final.sum() + second.final.sum())
    seeds = connection.execute(
        text("select distinct seed from v1_curves where phase = 'final' order by seed")
    ).scalars()
    assert list(seeds)[:7] == [run_seed(0, Phase.FINAL, index) for index in range(7)]
