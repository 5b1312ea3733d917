"""The simulation follows the protocol, and its stated truth is that of its runs."""

import numpy as np
import pytest

from benchmarks.protocol_rules import Rule, decisions, interval_over_seeds, over_studies
from benchmarks.protocol_synthetic import Surface, designs, simulate
from shampoo_tune.study import Budget, Goal
from shampoo_tune.tuner.design import design
from shampoo_tune.tuner.selection import Scored, best_trials

BUDGET = Budget(steps=1, trials=12, finalists=3, finalist_seeds=5, seeds=9)
UNITS = designs(range(40), BUDGET, 3)


def test_replicates_have_the_products_designs() -> None:
    np.testing.assert_array_equal(UNITS[7], design(3, 12, "halton", 0, 7))


def test_finalists_are_the_products() -> None:
    found = simulate(Surface(), UNITS, BUDGET, seed=3, arm=0)
    for row, search in enumerate(found.studies.search):
        scored = [Scored(t, v if np.isfinite(v) else None, None) for t, v in enumerate(search)]
        best = best_trials(scored, Goal.MAXIMIZE, 3)
        expected = Surface().median(UNITS[row, best])
        np.testing.assert_array_equal(found.candidates.truth[row, :3], expected)
        medians = np.median(found.candidates.values[row, :3, :5], axis=1)
        assert found.truth[row] == expected[np.argmax(medians)]
        np.testing.assert_array_equal(found.studies.rerun[row], found.candidates.values[row, 0, :5])


@pytest.mark.parametrize("point", [[0.4, 0.4, 0.5], [0.1, 0.9, 0.2], [0.6, 0.59, 0.5]])
def test_the_stated_median_is_that_of_the_runs(point: list[float]) -> None:
    surface, rng = Surface(), np.random.default_rng(0)
    common = rng.standard_normal(200_000)
    units = np.broadcast_to(np.array(point), (len(common), 3))
    runs = surface.runs(units, common, rng)
    assert np.median(runs) == pytest.approx(float(surface.median(np.array(point))), abs=3e-4)


def test_beyond_the_edge_the_median_run_diverges() -> None:
    assert Surface().median(np.array([0.7, 0.7, 0.5])) == -np.inf


def test_arms_share_the_noise_of_their_seeds() -> None:
    surface = Surface(shared=0.5)
    a, b = (simulate(surface, UNITS, BUDGET, seed=1, arm=arm).studies.search for arm in (0, 1))
    both = np.isfinite(a) & np.isfinite(b)
    value, deviation = surface.value(UNITS), surface.deviation(UNITS)
    noise = [((x - value) / deviation)[both] for x in (a, b)]
    assert np.asarray(np.corrcoef(noise))[0, 1] == pytest.approx(0.5, abs=0.15)


def test_only_the_interval_over_studies_holds_its_level_against_itself() -> None:
    """One search's luck looks like a difference of optimizers to an interval over seeds."""
    budget = Budget(steps=1, trials=12, seeds=50)
    units = designs(range(600), budget, 3)
    plain = simulate(Surface(), units, budget, seed=0, arm=0).studies
    first, second = plain.rows(slice(300)), plain.rows(slice(300, None))
    over_seeds = decisions(Rule("", 1, 0, interval_over_seeds), first, second)
    over = decisions(Rule("", 3, 0, over_studies(0.0)), first, second)
    assert (over_seeds != 0).mean() > 0.25
    assert (over != 0).mean() < 0.12  # of 100 with level 5 %: this or more once in 250
