"""Schemes choose as the protocol's own selection would, and regret is what they lose."""

import numpy as np
import pytest

from benchmarks.protocol_selection import RUNS, SCHEMES, Candidates, choose, regrets
from shampoo_tune.study import Goal
from shampoo_tune.tuner.selection import Scored, best_trials
from shampoo_tune.tuner.statistics.medians import median


def random_candidates(seed: int) -> Candidates:
    """Values with many ties, and some infeasible runs."""
    rng = np.random.default_rng(seed)
    shape = (30, 8, RUNS)
    values = rng.integers(0, 4, size=shape).astype(float)
    diverged = rng.random(shape) < 0.1
    losses = rng.integers(0, 3, size=shape).astype(float)
    return Candidates(
        np.where(diverged, -np.inf, values), np.where(diverged, np.inf, losses), rng.random((30, 8))
    )


def chosen_by_the_product(values: np.ndarray, losses: np.ndarray, stages: object) -> int:
    """Trial numbers are places in the ranking by search, as ties go to the earlier point."""
    kept, seeds = list(range(len(values))), 0
    for survivors, more in stages:  # type: ignore[attr-defined]
        kept, seeds = kept[:survivors], seeds + more
        scored = []
        for place, trial in enumerate(kept):
            value, loss = median(values[trial, :seeds]), median(losses[trial, :seeds])
            scored.append(Scored(place, *(v if np.isfinite(v) else None for v in (value, loss))))
        kept = [kept[place] for place in best_trials(scored, Goal.MAXIMIZE, len(scored))]
    return kept[0]


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_chooses_as_the_product_does(name: str) -> None:
    candidates = random_candidates(0)
    expected = [
        chosen_by_the_product(values, losses, SCHEMES[name])
        for values, losses in zip(candidates.values, candidates.losses, strict=True)
    ]
    assert choose(candidates, SCHEMES[name]).tolist() == expected


@pytest.mark.parametrize("name", SCHEMES)
def test_every_scheme_costs_fifteen_runs(name: str) -> None:
    assert sum(survivors * more for survivors, more in SCHEMES[name]) == RUNS


def test_regret_is_what_the_chosen_trial_lacks() -> None:
    values = np.zeros((2, 8, RUNS))
    values[:, 1] = 1.0  # the second by search looks best to all but "1 x 15"
    truth = np.zeros((2, 8))
    truth[:, 1], truth[:, 7] = 0.5, 0.75
    truth[1, 0] = -np.inf  # counts as chance
    found = {r.scheme: r for r in regrets(Candidates(values, np.zeros_like(values), truth))}
    assert found["3 x 5"].mean == pytest.approx(0.25)
    assert found["3 x 5"].beyond_first == 0
    worst = found["1 x 15, the best by search"]
    assert worst.mean == pytest.approx((0.75 - 0.1 + 0.75 - 0.1) / 2)
    assert worst.beyond_first == pytest.approx(worst.mean - 0.25)
