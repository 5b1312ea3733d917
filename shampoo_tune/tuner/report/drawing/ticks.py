"""Round numbers for the axes."""

import math
from collections.abc import Iterable

_APART = 1.5  # characters between two texts


def nice_numbers(low: float, high: float, about: int = 5) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten from `low` to `high`, `about` of them.

    Raises:
        ValueError: unless low < high, both finite.
    """
    if not low < high or not math.isfinite(high - low):
        raise ValueError(f"an axis needs low < high, got {low} and {high}")
    step = _nice_step((high - low) / about)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [float(f"{index * step:.12g}") for index in range(first, last + 1)]


def log_candidates(low: float, high: float) -> list[float]:
    """Powers of ten from `low` to `high`, then 2, 5 and 3 times them."""
    if not 0 < low < high:
        raise ValueError(f"a log axis needs 0 < low < high, got {low} and {high}")
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    numbers = [float(f"{factor}e{power}") for factor in (1, 2, 5, 3) for power in powers]
    return [number for number in numbers if low <= number <= high]


def thin(candidates: Iterable[tuple[float, str]], room: int) -> tuple[tuple[float, str], ...]:
    """Those that fit beside each other, in the order of their places; the first ones win.

    Args:
        candidates: (place in [0, 1], text), the most wanted first.
        room: how many characters the axis is long.
    """
    chosen: dict[float, str] = {}
    for place, text in candidates:
        if all(
            abs(place - other) * room >= (len(text) + len(shown)) / 2 + _APART
            for other, shown in chosen.items()
        ):
            chosen[place] = text
    return tuple(sorted(chosen.items()))


def tick_text(value: float) -> str:
    """A round number, `1e-6` rather than `1e-06`."""
    return f"{value:.6g}".replace("e-0", "e-").replace("e+0", "e")


def _nice_step(rough: float) -> float:
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)
