"""How large a search space is: an equal number of trials is harder to use in a larger one."""

import math

from shampoo_tune.tuner.parameters import Choice, Range, SearchSpace


def decades(space: SearchSpace) -> float:
    """The base-10 logarithm of the space's volume, taken as a product of ratios.

    A logarithmic range counts log10(high / low), a `one_minus_log` range the same of 1 - x, a
    choice log10 of its number of values, a linear range nothing: it is searched within a factor.
    """
    domains = (parameter.domain for parameter in space.parameters)
    return sum(_decades(domain) for domain in domains if isinstance(domain, (Choice, Range)))


def _decades(domain: Choice | Range) -> float:
    if isinstance(domain, Choice):
        return math.log10(len(domain.values))
    if domain.scale == "log":
        return math.log10(domain.high / domain.low)
    if domain.scale == "one_minus_log":
        return math.log10((1 - domain.low) / (1 - domain.high))
    return 0.0
