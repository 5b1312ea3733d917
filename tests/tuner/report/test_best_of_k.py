"""The simulated budget against all subsets, and the words about it."""

import dataclasses
import itertools
import math

import numpy as np
import pytest

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.best_of_k import (
    BestOfKView,
    budget_sizes,
    compared_table,
    moves,
    simulated_budget,
    sizes_table,
)
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_final, with_search


def simulate(study: StudyData) -> BestOfKView:
    view = simulated_budget(study)
    assert isinstance(view, BestOfKView)
    return view


@pytest.mark.parametrize("goal", list(Goal))
def test_the_numbers_are_those_of_all_subsets(base: StudyData, goal: Goal) -> None:
    values = [0.3, 0.9, None, 0.1, 0.5, 0.7]
    study = with_search(base, values, goal)
    view = simulate(study)
    pick = min if goal is Goal.MINIMIZE else max
    assert view.ks.tolist() == [1, 2, 3, 5, 6]
    for place, k in enumerate(view.ks.tolist()):
        best = [pick(subset) for subset in itertools.combinations(study.search.tolist(), k)]
        expected = np.mean(best)
        assert view.expected[place] == pytest.approx(expected)
        quantiles = np.quantile(best, [0.05, 0.25, 0.5, 0.75, 0.95], method="inverted_cdf")
        assert view.quantiles[place].tolist() == quantiles.tolist()
        assert view.in_order[place] == pick(study.search[:k])


@pytest.mark.parametrize("n", [1, 2, 3, 7, 8, 12, 100, 101, 10_000])
def test_the_sizes_rise_to_all_trials(n: int) -> None:
    sizes = budget_sizes(n)
    assert sizes == sorted(set(sizes))
    assert (sizes[0], sizes[-1]) == (1, n)
    assert {k for k in (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100) if k <= n} <= set(sizes)


def test_what_more_trials_still_bought_stands_beside_what_seeds_change(base: StudyData) -> None:
    values = [0.1 * n for n in range(8)]
    study = dataclasses.replace(with_search(base, values), resolution=None)
    # Half of all subsets of 4 of the 8 hold the best of them, so the lower median does not.
    assert (
        moves(simulate(study)) == "From half of the trials to all of them the median moves by +0.1."
    )
    final = with_final(study, [0.5, 0.6, 0.7, 0.8])
    text = moves(simulate(final))
    assert text is not None
    assert text.endswith("no more than the interquartile range over the final seeds (0.2).")


def test_studies_are_compared_at_the_sizes_of_the_smallest(base: StudyData) -> None:
    small = simulate(with_search(base, [0.1, 0.2, 0.3]))
    large = simulate(with_search(base, [0.1 * n for n in range(9)]))
    table = compared_table([large, small])
    assert table.headers == ("study", "k = 1", "k = 2", "k = 3")
    assert table.rows[1][3] == "0.300 [0.300, 0.300]"


def test_it_is_withheld_from_adaptive_samplers_and_needs_a_verdict(base: StudyData) -> None:
    study = with_search(base, [0.1, 0.2])
    assert isinstance(simulated_budget(dataclasses.replace(study, sampler="tpe")), Absent)
    assert isinstance(simulated_budget(with_search(base, [math.nan])), Absent)


def test_infeasible_trials_alone_are_said_to_be(base: StudyData) -> None:
    view = simulate(with_search(base, [None, None]))
    assert view.window is None
    assert view.still_moves is None
    assert set(sizes_table(view).rows[0][1:]) == {"infeasible"}
