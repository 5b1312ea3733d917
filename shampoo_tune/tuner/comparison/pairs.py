"""Two arms at a time: what their final seeds show, and what their studies show.

*Over seeds* is about the two configurations that won; *over studies* is about the two optimizers at
this budget, for another search may find another winner. Only the second may say "better".
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from shampoo_tune.study import Goal
from shampoo_tune.tuner.comparison.contender import Contender
from shampoo_tune.tuner.statistics.differences import (
    Difference,
    ahead,
    holm,
    paired_median_difference,
    probability_lower,
    sign_test_paired,
)
from shampoo_tune.tuner.statistics.over_studies import (
    FEWEST_STUDIES,
    OverStudies,
    better,
    difference_over_studies,
)


@dataclass(frozen=True)
class Pair:
    """The first arm against the second; both complete and of equal budgets.

    Attributes:
        first: name of an arm.
        second: name of another.
        over_seeds: first minus second, of the medians over the final seeds, paired by seed; of
            replicate 0 only.
        probability_better: that a final run of the first is better than one of the second.
        seeds_p_value: sign test over the paired seeds, adjusted after Holm over all pairs.
        ahead_over_seeds: the arm whose configuration has the better median; None if its interval,
            which is not adjusted for the number of pairs, includes zero, or it is not measurable.
        over_studies: first minus second, of the studies' medians, paired by replicate; None with
            fewer than `FEWEST_STUDIES` or an infinite median.
        studies_p_value: of the same, adjusted after Holm over all pairs.
        better: the arm whose optimizer is better at this budget; None if that is not shown.
        measurable: False if the difference is under two examples of the validation split.
    """

    first: str
    second: str
    over_seeds: Difference
    probability_better: float
    seeds_p_value: float
    ahead_over_seeds: str | None
    over_studies: OverStudies | None
    studies_p_value: float | None
    better: str | None
    measurable: bool


def compare_pairs(contenders: Sequence[Contender]) -> list[Pair]:
    """All pairs of arms, p-values adjusted for their number."""
    pairs = [_pair(a, b) for a, b in itertools.combinations(contenders, 2)]
    over_seeds = holm([pair.seeds_p_value for pair in pairs])
    known = [pair.studies_p_value for pair in pairs if pair.studies_p_value is not None]
    over_studies = iter(holm(known))
    adjusted = [
        replace(
            pair,
            seeds_p_value=float(seeds_p),
            studies_p_value=None if pair.studies_p_value is None else float(next(over_studies)),
        )
        for pair, seeds_p in zip(pairs, over_seeds, strict=True)
    ]
    goal = contenders[0].first.goal if contenders else Goal.MAXIMIZE
    return [_judge(pair, goal) for pair in adjusted]


def _pair(a: Contender, b: Contender) -> Pair:
    first, second = a.first.final, b.first.final
    lower = probability_lower(first, second)
    over_studies = _over_studies(a, b)
    seeds = paired_median_difference(first, second)
    return Pair(
        first=a.name,
        second=b.name,
        over_seeds=seeds,
        probability_better=lower if a.first.goal is Goal.MINIMIZE else 1 - lower,
        seeds_p_value=sign_test_paired(first, second),
        ahead_over_seeds=None,
        over_studies=over_studies,
        studies_p_value=over_studies.p_value if over_studies else None,
        better=None,
        measurable=_measurable(a, over_studies.estimate if over_studies else seeds.estimate),
    )


def _over_studies(a: Contender, b: Contender) -> OverStudies | None:
    first, second = a.final_medians, b.final_medians
    enough = len(first) == len(second) >= FEWEST_STUDIES
    if not enough or not np.isfinite([first, second]).all():
        return None
    return difference_over_studies(first, second)


def _measurable(contender: Contender, difference: float | None) -> bool:
    """A difference under two examples may be the labelling of one."""
    resolution = contender.first.resolution
    if difference is None or resolution is None:
        return True
    return abs(difference) > 1.999 * resolution  # counts / 359 are not exact


def _judge(pair: Pair, goal: Goal) -> Pair:
    """Name the arms that are ahead; the p-values are adjusted."""
    if not pair.measurable:
        return pair
    seeds, over = pair.over_seeds, pair.over_studies
    names = {"first": pair.first, "second": pair.second, None: None}
    return replace(
        pair,
        ahead_over_seeds=names[ahead(seeds.low, seeds.high, goal)],
        better=names[better(over, goal, pair.studies_p_value) if over else None],
    )
