"""How many runs reach the target, and what that shows of the configuration's median.

Two verdicts are kept apart: the median of these runs reaches the target (*point*), and the median
of all runs of this configuration does (*confirmed*).
"""

from dataclasses import dataclass

import scipy
from numpy.typing import ArrayLike

from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.medians import Interval, known, median

_LEVEL = 0.05
_ROUNDING = 1e-15  # relative: four units in the last place, less than an example of 10 ** 14


@dataclass(frozen=True)
class TargetVerdict:
    """The runs of one configuration against the target.

    Attributes:
        reached: runs at or past the target.
        n: all runs, infeasible ones too.
        share: 95 % interval of the share that reaches it.
        median_reaches: the point verdict: the median of these runs is at or past the target.
        p_value: one-sided sign test of "at most half of all runs reach it", 2^-n times the sum of
            C(n, i) from i = `reached` to n.
        confirmed: `p_value` is at most 0.05: 32 of 50.
    """

    reached: int
    n: int
    share: Interval
    median_reaches: bool
    p_value: float
    confirmed: bool


def share_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """The interval of Clopper & Pearson (Biometrika 26, 1934) of a share.

    With a = (1 - confidence) / 2 it goes from the a-quantile of Beta(k, n - k + 1) to the
    (1 - a)-quantile of Beta(k + 1, n - k). Exact: whatever the share, it covers with at least
    `confidence`.

    Args:
        successes: k, in [0, n].
        n: at least 1.
        confidence: in (0, 1).

    Raises:
        ValueError: not 0 <= successes <= n, or n is 0.
    """
    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"expected 0 <= successes <= n and n > 0, got {successes} of {n}")
    tail, failures = (1 - confidence) / 2, n - successes
    low = scipy.special.betaincinv(successes, failures + 1, tail) if successes else 0.0
    high = scipy.special.betainccinv(successes + 1, failures, tail) if failures else 1.0
    return Interval(float(low), float(high))


def target_verdict(values: ArrayLike, target: float, goal: Goal) -> TargetVerdict:
    """Both verdicts on the final values of a configuration.

    Args:
        values: shape [n]; infeasible runs are the worst infinity and do not reach it.
        target: a finite value, reached by >= when maximising, <= when minimising.
        goal: the direction.

    Raises:
        ValueError: there are no values, or one of them is NaN.
    """
    array = known(values)
    sign = 1.0 if goal is Goal.MAXIMIZE else -1.0
    reached = int((sign * array >= sign * target).sum())
    p_value = float(scipy.special.bdtrc(reached - 1, array.size, 0.5))
    return TargetVerdict(
        reached=reached,
        n=array.size,
        share=share_interval(reached, array.size),
        median_reaches=_at_or_past(sign * median(array), sign * target),
        p_value=p_value,
        confirmed=p_value <= _LEVEL,
    )


def _at_or_past(median_: float, target: float) -> bool:
    """Whether a median reaches it, though the mean of two counts / n may be rounded below."""
    return median_ >= target - _ROUNDING * abs(target)
