"""The search space of one arm, and the map from the unit cube to natural units.

Every `Choice` and `Range` owns one dimension, in the order of the file, whether or not it is active
in a point: so points stay the same when a condition is added or dropped.
"""

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shampoo_tune.optimizer.allowed_values import Scalar

Value = Scalar | None
Scale = Literal["linear", "log", "one_minus_log"]
SCALES: tuple[Scale, ...] = ("linear", "log", "one_minus_log")


@dataclass(frozen=True)
class Fixed:
    """One value in every point; it has no dimension."""

    value: Value


@dataclass(frozen=True)
class Choice:
    """Unordered values, each equally likely."""

    values: tuple[Value, ...]

    def at(self, unit: float) -> Value:
        """The value whose n-th part of [0, 1) holds `unit`."""
        return self.values[min(int(unit * len(self.values)), len(self.values) - 1)]

    def unit(self, value: Value) -> float:
        """The middle of the value's part."""
        return self.units([value])[0]

    def units(self, values: Sequence[Value]) -> list[float]:
        """`unit` of many; raises ValueError if one is another value."""
        places = {value: (i + 0.5) / len(self.values) for i, value in enumerate(self.values)}
        try:
            return [places[value] for value in values]
        except KeyError as error:
            raise ValueError(f"{error} is not among {self.values}") from None


@dataclass(frozen=True)
class Range:
    """An interval in natural units, uniform on its scale.

    Attributes:
        low: included.
        high: included.
        scale: `linear`; `log`: uniform in log(x); `one_minus_log`: uniform in log(1 - x).
        whole: only whole numbers. Each owns the cell from 1/2 below to 1/2 above it, also at the
            ends: equally likely on the linear scale, about 1/k on the log scale.
    """

    low: float
    high: float
    scale: Scale = "linear"
    whole: bool = False

    def at(self, unit: float) -> float:
        """The value at `unit`; increases with it from low to high."""
        value = self.beyond(unit)
        if self.whole:
            return min(max(math.floor(value + 0.5), int(self.low)), int(self.high))
        return min(max(value, self.low), self.high)

    def beyond(self, unit: float) -> float:
        """The same line continued to any `unit`, and without rounding to whole numbers."""
        low, high = self._ends()
        return _unscale(self.scale, low + unit * (high - low))

    def unit(self, value: float) -> float:
        """The inverse of `at`; for a whole number, a place inside its cell."""
        return self.units([value])[0]

    def units(self, values: Sequence[float]) -> list[float]:
        """`unit` of many; raises ValueError if one has no place on the scale."""
        scale, (low, high) = _SCALE[self.scale], self._ends()
        width = high - low
        return [(scale(value) - low) / width for value in values]

    def _ends(self) -> tuple[float, float]:
        margin = 0.5 if self.whole else 0.0
        low, high = self.low - margin, self.high + margin
        scale = _SCALE[self.scale]
        return scale(low), scale(high)


def _values(domain: Fixed | Choice | Range) -> Sequence[Value] | None:
    """All that a domain allows; None if it is continuous."""
    if isinstance(domain, Fixed):
        return (domain.value,)
    if isinstance(domain, Choice):
        return domain.values
    return range(int(domain.low), int(domain.high) + 1) if domain.whole else None


# log1p keeps the digits of a small x; the sign makes the scale increase with x.
_SCALE: Mapping[Scale, Callable[[float], float]] = {
    "linear": float,
    "log": math.log,
    "one_minus_log": lambda value: -math.log1p(-value),
}


def _unscale(scale: Scale, value: float) -> float:
    if scale == "log":
        return math.exp(value)
    return -math.expm1(-value) if scale == "one_minus_log" else value


def _places(domain: Choice | Range, values: Sequence[Value]) -> list[float]:
    """Places of many values at once; NaN for another choice, or what has no logarithm."""
    try:
        return domain.units(values)  # type: ignore[arg-type]
    except ValueError:
        return [math.nan] if len(values) == 1 else [_places(domain, [v])[0] for v in values]


def _column(
    name: str, domain: Choice | Range, points: Sequence[Mapping[str, Value]]
) -> list[float]:
    known = [point[name] for point in points if name in point]
    places = _places(domain, known)
    if len(known) == len(points):
        return places
    each = iter(places)
    return [next(each) if name in point else math.nan for point in points]


@dataclass(frozen=True)
class Parameter:
    """A named parameter of an arm.

    Attributes:
        name: an option of the optimizer, `learning_rate`, or a parameter of the schedule.
        domain: what it may be.
        when: (other, value) pairs that must all hold; otherwise it is left out of the point.
    """

    name: str
    domain: Fixed | Choice | Range
    when: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True)
class SearchSpace:
    """The parameters of one arm, in the order of the file."""

    parameters: tuple[Parameter, ...]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """The names of the parameters that vary, in the order of a unit point's coordinates."""
        return tuple(p.name for p in self.parameters if not isinstance(p.domain, Fixed))

    def point(self, unit: Sequence[float]) -> dict[str, Value]:
        """A point of [0, 1)^d in natural units, fixed values included, inactive ones left out."""
        if len(unit) != len(self.dimensions) or not all(0 <= u < 1 for u in unit):
            raise ValueError(f"expected {len(self.dimensions)} numbers in [0, 1), got {unit!r}")
        coordinates = iter(unit)
        values = {
            p.name: p.domain.value
            if isinstance(p.domain, Fixed)
            else p.domain.at(next(coordinates))
            for p in self.parameters
        }
        return {name: value for name, value in values.items() if self.is_active(name, values)}

    def units(self, points: Sequence[Mapping[str, Value]]) -> list[list[float]]:
        """The inverse of `point`, for points that a file names too: a list a dimension.

        NaN where a point leaves a parameter out, or has a value without a place on its scale;
        not in [0, 1) where the value is beyond the range.
        """
        return [
            _column(p.name, p.domain, points)
            for p in self.parameters
            if not isinstance(p.domain, Fixed)
        ]

    def complete(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """A point from the varying parameters' values: fixed ones added, inactive ones dropped."""
        fixed = {p.name: p.domain.value for p in self.parameters if isinstance(p.domain, Fixed)}
        given = {**fixed, **values}
        names = [p.name for p in self.parameters if p.name in given]
        return {name: given[name] for name in names if self.is_active(name, given)}

    @property
    def distinct_points(self) -> int | None:
        """How many different points there are; None if a range is continuous."""
        values = {p.name: v for p in self.parameters if (v := _values(p.domain)) is not None}
        if len(values) < len(self.parameters):
            return None
        # What conditions name is tried in every combination; the rest that each makes active is
        # free, so its numbers of values multiply. Combinations may differ in inactive values alone.
        named = list(dict.fromkeys(other for p in self.parameters for other, _ in p.when))
        free = {}
        for combination in itertools.product(*(values[name] for name in named)):
            given = dict(zip(named, combination, strict=True))
            active = [name for name in values if self.is_active(name, given)]
            decided = tuple((name, given[name]) for name in active if name in given)
            free[decided] = math.prod(len(values[name]) for name in active if name not in given)
        return sum(free.values())

    def is_active(self, name: str, values: Mapping[str, Value]) -> bool:
        """Whether the conditions of a parameter hold, and those of what it depends on."""
        when = next(p.when for p in self.parameters if p.name == name)
        return all(
            other in values and values[other] == value and self.is_active(other, values)
            for other, value in when
        )
