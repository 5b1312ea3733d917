"""Rules that name the better of two optimizers, and how often each is right.

A rule sees the same number of studies of both arms and names the first, the second or neither.
Values are to be maximised; an infeasible run is -inf.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from shampoo_tune.study import Budget, Goal
from shampoo_tune.tuner.statistics.differences import paired_median_difference
from shampoo_tune.tuner.statistics.medians import median
from shampoo_tune.tuner.statistics.over_studies import better, difference_over_studies

Array = NDArray[np.float64]

FEW = 3  # seeds of "the mean of three"
ALGOPERF = 5  # AlgoPerf's trials a study, and studies
RESAMPLES = 1000
_T_TEST = stats.t.ppf(0.975, 2 * FEW - 2)
_TWO_EXAMPLES = 1.999  # counts / 359 are not exact


@dataclass(frozen=True)
class Studies:
    """Whole studies of one arm, in the order of their replicates.

    Attributes:
        search: shape [studies, trials].
        rerun: shape [studies, finalist seeds]: the best trial by search with fresh seeds.
        final: shape [studies, seeds]: the winner with fresh seeds.
        medians: shape [studies]: each study's result.
    """

    search: Array
    rerun: Array
    final: Array
    medians: Array

    @classmethod
    def of(cls, search: Array, rerun: Array, final: Array) -> Self:
        """With the medians of `final`."""
        return cls(search, rerun, final, np.array([median(values) for values in final]))

    def __len__(self) -> int:
        return len(self.search)

    def rows(self, which: slice | NDArray[np.intp]) -> Self:
        """Some of the studies."""
        fields = (self.search, self.rerun, self.final, self.medians)
        return type(self)(*(field[which] for field in fields))


Decide = Callable[[Studies, Studies], int]


@dataclass(frozen=True)
class Rule:
    """A way to decide.

    Attributes:
        name: as tables show it.
        studies: how many it sees of each arm.
        runs: what these cost an arm.
        decide: 1 for the first, -1 for the second, 0 for neither.
        limit: a slow rule is not asked more often.
    """

    name: str
    studies: int
    runs: int
    decide: Decide
    limit: int | None = None


def rules(budget: Budget, resolution: float) -> list[Rule]:
    """All rules that are compared.

    Args:
        budget: of the studies.
        resolution: what one example is worth: our rule calls nothing under two a difference.
    """
    trials, finalists = budget.trials, budget.finalists * budget.finalist_seeds
    whole = trials + finalists + budget.seeds
    many = 5 * whole // trials  # studies whose searches alone cost what five whole studies do
    cheap = 5 * whole // (trials + FEW)
    pools = 5 * whole // (ALGOPERF * trials)  # searches that make one of five larger ones
    return [
        Rule("(a) best single seed", 1, trials, best_single_seed),
        Rule("(b) mean of 3", 1, trials + FEW, mean_of_three),
        Rule("(b) mean of 3, t-test", 1, trials + FEW, three_by_t_test),
        Rule("(c) AlgoPerf 5 x 5", ALGOPERF, ALGOPERF**2, algoperf),
        Rule("(d) ours, 1 study: configuration only", 1, whole, configuration_only),
        *(
            Rule(f"(d) ours, {n} studies", n, n * whole, over_studies(2 * resolution))
            for n in (3, 5, 10)
        ),
        Rule("misuse: 1 study's interval over seeds", 1, whole, interval_over_seeds,
             limit=2000),
        *(
            Rule(f"interval over {n} studies alone", n, n * whole, over_studies(0.0))
            for n in (3, 5, 10)
        ),
        Rule(f"(a) at equal cost, {many} x {trials} trials", many, many * trials, best_single_seed),
        Rule(f"(b) at equal cost, {many} x {trials} trials", many, many * trials + FEW,
             mean_of_three),
        Rule(f"(c) at equal cost, 5 x {pools * trials} trials", ALGOPERF * pools,
             ALGOPERF * pools * trials, larger_algoperf),
        Rule(f"interval over {cheap} studies of (b)", cheap, cheap * (trials + FEW), over_reruns),
    ]  # fmt: skip


def best_single_seed(a: Studies, b: Studies) -> int:
    """The larger best value of the search wins."""
    return _larger(a.search.max(), b.search.max())


def mean_of_three(a: Studies, b: Studies) -> int:
    """The best trial of all searches is run again three times; the larger mean wins."""
    return _larger(_three(a).mean(), _three(b).mean())


def three_by_t_test(a: Studies, b: Studies) -> int:
    """The same, if Student's test of the two samples is significant."""
    first, second = _three(a), _three(b)
    if not np.isfinite([first, second]).all():
        return 0
    error = np.sqrt((first.var(ddof=1) + second.var(ddof=1)) / FEW)
    difference = first.mean() - second.mean()
    return _larger(difference, 0) if abs(difference) >= _T_TEST * error else 0


def algoperf(a: Studies, b: Studies) -> int:
    """The median over studies of the best of five trials; the larger wins."""
    return _larger(*(median(s.search[:, :ALGOPERF].max(axis=1)) for s in (a, b)))


def larger_algoperf(a: Studies, b: Studies) -> int:
    """The same with all trials, several searches to one of the five studies."""
    return _larger(*(median(s.search.reshape(ALGOPERF, -1).max(axis=1)) for s in (a, b)))


def configuration_only(a: Studies, b: Studies) -> int:
    """One study an arm never names an optimizer."""
    del a, b
    return 0


def interval_over_seeds(a: Studies, b: Studies) -> int:
    """The interval of two winners' difference, taken as if it were about their optimizers."""
    found = paired_median_difference(a.final[0], b.final[0], resamples=RESAMPLES)
    if found.low is not None and found.low > 0:
        return 1
    return -1 if found.high is not None and found.high < 0 else 0


def over_studies(least: float) -> Decide:
    """The interval over studies of the medians' difference, if that is at least `least`."""

    def decide(a: Studies, b: Studies) -> int:
        return _by_interval(a.medians, b.medians, least)

    return decide


def over_reruns(a: Studies, b: Studies) -> int:
    """The interval over studies that end with the mean of three."""
    return _by_interval(a.rerun[:, :FEW].mean(axis=1), b.rerun[:, :FEW].mean(axis=1), 0.0)


def decisions(rule: Rule, a: Studies, b: Studies) -> NDArray[np.int_]:
    """What a rule says of every block of studies, none of which is used twice."""
    blocks = range(min(len(a), len(b)) // rule.studies)
    parts = [slice(k * rule.studies, (k + 1) * rule.studies) for k in blocks[: rule.limit]]
    return np.array([rule.decide(a.rows(part), b.rows(part)) for part in parts], int)


def _three(studies: Studies) -> Array:
    """Three fresh runs of the best trial of all searches."""
    best: Array = studies.rerun[studies.search.max(axis=1).argmax(), :FEW]
    return best


def _by_interval(a: Array, b: Array, least: float) -> int:
    if not np.isfinite([a, b]).all():
        return 0
    difference = difference_over_studies(a, b)
    if abs(difference.estimate) < least * _TWO_EXAMPLES / 2:
        return 0
    named = better(difference, Goal.MAXIMIZE, difference.p_value)
    return {"first": 1, "second": -1, None: 0}[named]


def _larger(a: float, b: float) -> int:
    return int(a > b) - int(a < b)
