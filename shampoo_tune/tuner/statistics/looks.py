"""Looks at the final seeds of a study that may turn out hopeless, with alpha spending.

A group-sequential test of "at least half of all seeds reach the target", that is, of a true median
at or past it. At each look but the last, the study is stopped if too few seeds have reached the
target so far; it is never stopped for success. The limits are such that a study whose median is
exactly the target is stopped with probability at most alpha over all looks together; one with a
better median is stopped more rarely.

The error is spent as by Lan and DeMets (Biometrika 70, 1983) with their function of Pocock's type,
alpha * log(1 + (e - 1) t), where t = 1 at the last look that can stop anything.
"""

import itertools
import math
from collections.abc import Sequence

ALPHA = 0.05
FIRST_LOOKS = (10, 20, 50)


def looks_at(seeds: int) -> tuple[int, ...]:
    """The numbers of seeds at which a study of a ladder is looked at; the last is `seeds`."""
    return (*(look for look in FIRST_LOOKS if look < seeds), seeds)


def spending(looks: Sequence[int], alpha: float = ALPHA) -> tuple[int, ...]:
    """The limits of a group-sequential test, by recursion over all paths of successes.

    Args:
        looks: increasing numbers of seeds.
        alpha: the largest probability, over all looks, of stopping at a true share of one half.

    Returns:
        For every look but the last the largest number of successes that stops; -1 if none does.
    """
    _check(looks)
    limits = []
    spent, paths = 0.0, [1.0]
    for before, look in itertools.pairwise((0, *looks[:-1])):
        paths = _after(paths, look - before, 0.5)
        allowed = alpha * math.log1p((math.e - 1) * look / looks[-2])
        limit = -1
        while spent + paths[limit + 1] <= allowed:
            limit += 1
            spent += paths[limit]
            paths[limit] = 0.0
        limits.append(limit)
    return tuple(limits)


def stopping_probabilities(
    looks: Sequence[int], limits: Sequence[int], share: float
) -> tuple[float, ...]:
    """The probability of stopping at each look but the last, if every seed reaches with `share`."""
    _check(looks)
    probabilities = []
    paths = [1.0]
    for (before, look), limit in zip(itertools.pairwise((0, *looks[:-1])), limits, strict=True):
        paths = _after(paths, look - before, share)
        probabilities.append(sum(paths[: limit + 1]))
        paths[: limit + 1] = [0.0] * (limit + 1)
    return tuple(probabilities)


def _after(paths: list[float], seeds: int, share: float) -> list[float]:
    """Probabilities by number of successes, of paths not stopped so far, some seeds later."""
    for _ in range(seeds):
        failed = [p * (1 - share) for p in paths]
        succeeded = [p * share for p in paths]
        paths = [a + b for a, b in zip([*failed, 0.0], [0.0, *succeeded], strict=True)]
    return paths


def _check(looks: Sequence[int]) -> None:
    if not looks or any(a >= b for a, b in itertools.pairwise((0, *looks))):
        raise ValueError(f"looks must be positive and increase, got {tuple(looks)}")
