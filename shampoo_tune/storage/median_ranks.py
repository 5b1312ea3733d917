"""Ranks of the distribution-free interval of a median, for SQL to join with.

The interval [x_(j), x_(n+1-j)] of n independent values covers their median with probability
1 - 2 P(B < j), B ~ Binomial(n, 1/2), whatever their distribution (David & Nagaraja, Order
Statistics, 7.1). The largest j with at least 95 % is taken.
"""

from math import comb


def low_rank(n: int) -> int | None:
    """The 1-based rank j for n values; None if even the extremes cover less than 95 %."""
    below, rank = 1, 0  # `below` counts the outcomes with B <= rank, of 2 ** n
    while 20 * 2 * below <= 2**n:  # both tails together are at most one in twenty
        rank += 1
        below += comb(n, rank)
    return rank or None
