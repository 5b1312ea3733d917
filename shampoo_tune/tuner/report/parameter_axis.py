"""The axis of one tuned parameter: its unit interval, and which natural values stand on it."""

from collections.abc import Iterable
from dataclasses import dataclass

from shampoo_tune.tuner.parameters import Choice, Parameter, Range, SearchSpace, Value
from shampoo_tune.tuner.report.drawing.ticks import log_candidates, nice_numbers, thin, tick_text

_ROOM = 38  # characters that an axis is long
_LONGEST_TEXT = 10
FEW_VALUES = 20


@dataclass(frozen=True)
class ParameterAxis:
    """One tuned parameter on its search scale.

    Attributes:
        name: of the parameter.
        scale: `linear`, `log`, `one_minus_log`, or `values` for a choice.
        low: lowest value, None for a choice.
        high: highest value, None for a choice.
        values: of a choice, else empty.
        ticks: (place in [0, 1], text), the ends of a range among them.
        whole: whether only whole numbers are allowed.
        levels: how many values there are if they are few, else None.
    """

    name: str
    scale: str
    low: float | None
    high: float | None
    values: tuple[Value, ...]
    ticks: tuple[tuple[float, str], ...]
    whole: bool
    levels: int | None

    def at(self, unit: float) -> float:
        """The natural value at a place of a range's axis, also outside [0, 1].

        Raises:
            ValueError: a choice has no values between its places.
        """
        if self.low is None or self.high is None:
            raise ValueError(f"{self.name} is a choice")
        margin = 0.5 if self.whole else 0.0
        low, high = self.low - margin, self.high + margin
        if self.scale == "log":
            return float(low * (high / low) ** unit)
        if self.scale == "one_minus_log":
            return float(1 - (1 - low) * ((1 - high) / (1 - low)) ** unit)
        return low + unit * (high - low)


def parameter_axes(space: SearchSpace) -> list[ParameterAxis]:
    """An axis for every tuned parameter, in the order of the units' columns."""
    return [_axis(p) for p in space.parameters if isinstance(p.domain, (Choice, Range))]


def show_parameter(value: Value) -> str:
    """A hyperparameter in four significant digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _axis(parameter: Parameter) -> ParameterAxis:
    domain = parameter.domain
    if isinstance(domain, Choice):
        return _choice_axis(parameter.name, domain)
    if not isinstance(domain, Range):
        raise AssertionError("a fixed parameter has no axis")
    count = int(domain.high - domain.low) + 1
    return ParameterAxis(
        name=parameter.name,
        scale=domain.scale,
        low=domain.low,
        high=domain.high,
        values=(),
        ticks=_range_ticks(domain),
        whole=domain.whole,
        levels=count if domain.whole and count <= FEW_VALUES else None,
    )


def _choice_axis(name: str, domain: Choice) -> ParameterAxis:
    texts = [show_parameter(value)[:_LONGEST_TEXT] for value in domain.values]
    places = [(number + 0.5) / len(texts) for number in range(len(texts))]
    return ParameterAxis(
        name=name,
        scale="values",
        low=None,
        high=None,
        values=domain.values,
        ticks=thin(zip(places, texts, strict=True), _ROOM),
        whole=False,
        levels=len(texts),
    )


def _range_ticks(domain: Range) -> tuple[tuple[float, str], ...]:
    """The ends, and of the round numbers between them those that leave room."""
    values = (domain.low, domain.high, *_candidates(domain))
    shown = [value for value in values if not domain.whole or value == round(value)]
    return thin([(domain.unit(value), tick_text(value)) for value in shown], _ROOM)


def _candidates(domain: Range) -> Iterable[float]:
    """Round numbers inside the range, the roundest first."""
    if domain.scale == "log":
        return log_candidates(domain.low, domain.high)
    if domain.scale == "one_minus_log":
        distances = log_candidates(1 - domain.high, 1 - domain.low)
        return [float(f"{1 - distance:.12g}") for distance in distances]
    return nice_numbers(domain.low, domain.high)
