"""How much of what sets the best tenth of trials apart each parameter explains: PED-ANOVA.

Watanabe, Bansal & Hutter 2023 (arXiv 2304.10255), with conditional parameters as in arXiv
2601.20800, in Optuna's implementation: the Pearson divergence of the best trials' density along a
parameter from that of all trials.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import ArrayLike, NDArray

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.medians import known

FEWEST_TRIALS = 20


def importance(units: ArrayLike, values: ArrayLike, goal: Goal) -> NDArray[np.float64] | None:
    """Shares that sum to one.

    Args:
        units: shape [n, d], places in [0, 1] on the search scale; NaN where a parameter is
            inactive: then only the trials in which it is active tell of it.
        values: shape [n], search values; infeasible trials are left out.
        goal: which direction is better.

    Returns:
        Shape [d]; None with fewer than 20 feasible trials or when the best cannot be told from the
        rest, as when all are equally good.

    Raises:
        ValueError: there are no values, one of them is NaN, or shapes differ.
    """
    places, array = np.asarray(units, float), known(values)
    if places.ndim != 2 or places.shape[0] != array.size:
        raise ValueError(f"expected units of shape [{array.size}, d], got {places.shape}")
    feasible = np.isfinite(array)
    if feasible.sum() < FEWEST_TRIALS or np.isnan(places[feasible]).all():
        return None
    shares = _ped_anova(places[feasible], array[feasible], goal)
    return shares if shares is not None and np.isfinite(shares).all() and shares.any() else None


def _ped_anova(
    places: NDArray[np.float64], values: NDArray[np.float64], goal: Goal
) -> NDArray[np.float64] | None:
    """Optuna's shares; None if it warns that they say nothing."""
    import optuna

    unit: optuna.distributions.BaseDistribution = optuna.distributions.FloatDistribution(0.0, 1.0)
    trials = []
    for row, value in zip(places, values.tolist(), strict=True):
        active = {f"x{column}": float(row[column]) for column in np.flatnonzero(~np.isnan(row))}
        distributions = dict.fromkeys(active, unit)
        trials.append(optuna.create_trial(params=active, distributions=distributions, value=value))
    with _quiet() as said:
        study = optuna.create_study(direction=goal.value)
        study.add_trials(trials)
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    if any(not issubclass(w.category, optuna.exceptions.ExperimentalWarning) for w in said):
        return None
    return np.array([found.get(f"x{column}", 0.0) for column in range(places.shape[1])])


@contextmanager
def _quiet() -> Iterator[list[warnings.WarningMessage]]:
    """Keeps Optuna from writing about a new study, and collects what it warns of."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            yield said
    finally:
        optuna.logging.set_verbosity(before)
