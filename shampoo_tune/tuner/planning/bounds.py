"""Seconds that a program can take on a chip, from what it does and what the chip can do."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shampoo_tune.tuner.planning.chips import Chip


@dataclass(frozen=True)
class Bounds:
    """Of one run of the program at the chip's published rates.

    Attributes:
        lower: products, memory and links work at the same time all the time.
        upper: they never do.
    """

    lower: float
    upper: float


def bounds(counted: Mapping[str, Any], chip: Chip) -> Bounds:
    """From a census, as `compiling` gives it, of one core."""
    parts = (
        chip.cores * counted["matrix_flops"] / chip.flops,
        chip.cores * counted["memory_bytes"] / chip.memory_rate,
        chip.cores * counted["collective_bytes"] / chip.link_rate,
    )
    return Bounds(max(parts), sum(parts))
