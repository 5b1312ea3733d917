"""A range made narrower round its best trials, or wider where they crowd at an edge.

All decisions are made on the range's own scale, in units of its width; only the ends are rounded,
outward and in natural units.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from shampoo_tune.optimizer.allowed_values import Allowed
from shampoo_tune.tuner.parameters import Choice, Range, Value

MIN_WIDTH = 1 / 3
_DIGITS = 3


@dataclass(frozen=True)
class Edges:
    """Where a range shall end beyond its present ends, in its units; None for not beyond.

    Attributes:
        low: below 0.
        high: above 1.
    """

    low: float | None = None
    high: float | None = None


def refined_range(
    domain: Range, best: Sequence[float], allowed: Allowed, edges: Edges | None = None
) -> Range:
    """The range of the next round.

    Args:
        domain: the present range.
        best: the best trials' places in it; without any it stays as it is.
        allowed: what the optimizer's option takes; nothing goes beyond it.
        edges: from the boundary check; such an end is moved outward instead of inward.

    Returns:
        A range on the same scale that holds all of `best`, is at least `MIN_WIDTH` of the old one
        and within it except beyond `edges`.
    """
    edges = edges or Edges()
    low, high = _span(best) if best else (0.0, 1.0)
    new = replace(
        domain,
        low=_low_end(domain, low, allowed, edges.low),
        high=_high_end(domain, high, allowed, edges.high),
    )
    return new if new.low < new.high else _one_wider(new, domain)


def refined_choice(domain: Choice, best: Sequence[Value]) -> Choice:
    """The values that are among the best trials', in their old order; all of them without any."""
    return Choice(tuple(v for v in domain.values if v in best)) if best else domain


def _span(units: Sequence[float]) -> tuple[float, float]:
    """The best trials' part of [0, 1].

    The margin makes their hull the unbiased estimate of an interval that they are spread over
    uniformly: k points leave 1 / (k + 1) of it uncovered on either side, on average.
    """
    inside = [min(max(u, 0.0), 1.0) for u in units]
    low, high = min(inside), max(inside)
    margin = (high - low) / (len(inside) - 1) if len(inside) > 1 else 0.0
    low, high = max(0.0, low - margin), min(1.0, high + margin)
    if high - low < MIN_WIDTH:
        low = min(max((low + high - MIN_WIDTH) / 2, 0.0), 1.0 - MIN_WIDTH)
        high = low + MIN_WIDTH
    return low, high


def _low_end(domain: Range, unit: float, allowed: Allowed, edge: float | None) -> float:
    if edge is None:
        return domain.low if unit <= 0 else max(_rounded(domain, unit, up=False), domain.low)
    value, limits = _rounded(domain, edge, up=False), _limits(domain, allowed)
    if limits.contains(value):
        return value
    return limits.low if limits.contains(limits.low) else (limits.low + domain.low) / 2


def _high_end(domain: Range, unit: float, allowed: Allowed, edge: float | None) -> float:
    if edge is None:
        return domain.high if unit >= 1 else min(_rounded(domain, unit, up=True), domain.high)
    value, limits = _rounded(domain, edge, up=True), _limits(domain, allowed)
    if limits.contains(value):
        return value
    return limits.high if limits.contains(limits.high) else (limits.high + domain.high) / 2


def _limits(domain: Range, allowed: Allowed) -> Allowed:
    """What the option takes and the scale can show; closed ends for whole numbers."""
    if domain.scale == "log":
        allowed = replace(allowed, low=max(allowed.low, 0.0), open_low=allowed.low <= 0)
    if domain.scale == "one_minus_log" and allowed.high >= 1:
        return replace(allowed, high=1.0, open_high=True)
    if domain.whole:
        low = allowed.low + 1 if allowed.open_low else allowed.low
        return replace(allowed, low=low, open_low=False)
    return allowed


def _rounded(domain: Range, unit: float, *, up: bool) -> float:
    """The value at `unit`, or the nearest rounder one that is not below (`up`) or above it.

    It gets three digits, counted from where the scale has its origin: digits of 1 - x for
    `one_minus_log`; and on a linear scale, which has none, digits of the range's width.
    """
    # Twelve digits hide the noise of logarithms, which would move 0.2 to 0.201.
    value, width = float(f"{domain.beyond(unit):.12g}"), domain.high - domain.low
    if domain.whole:
        return math.ceil(value - 0.5) if up else math.floor(value + 0.5)
    if domain.scale == "one_minus_log":
        rest = 1 - value or 1 - domain.beyond(unit)  # what is left to 1 may be no more than noise
        if rest <= 0:
            return 1.0
        return float(1 - _round_digits(rest, min(rest, width), up=not up))
    size = width if domain.scale == "linear" else min(value, width)
    return float(_round_digits(value, size, up=up))


def _round_digits(value: float, size: float, *, up: bool) -> Decimal:
    """The value in steps of the third digit of `size`."""
    step = math.floor(math.log10(size)) - _DIGITS + 1
    steps = Decimal(f"{value:.12g}").scaleb(-step)
    return steps.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR).scaleb(step)


def _one_wider(new: Range, old: Range) -> Range:
    """A range of whole numbers that shrank to a single one, with a neighbour."""
    if new.high < old.high:
        return replace(new, high=new.high + 1)
    return replace(new, low=new.low - 1)
