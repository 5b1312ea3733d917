"""What an option of an optimizer may be, and the errors that say so. Standard library only."""

import dataclasses
import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from shampoo_tune.errors import InvalidInputError

Scalar = bool | int | float | str
T = TypeVar("T")

# What a compiled step takes as data is int32 or float32.
_LARGEST = {"int": 2**31 - 1, "float": float.fromhex("0x1.fffffep127")}


@dataclass(frozen=True)
class Allowed:
    """What a field accepts: an interval of numbers, or a list of choices, or any bool."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    choices: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The rule as a sentence's end: '(0, 1]', '>= 1' or 'one of a, b'."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        if math.isinf(self.high):
            return f"{'>' if self.open_low else '>='} {self.low:g}"
        opening, closing = "(" if self.open_low else "[", ")" if self.open_high else "]"
        return f"in {opening}{self.low:g}, {self.high:g}{closing}"

    def contains(self, value: float) -> bool:
        """Whether a finite number lies in the interval."""
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below and abs(value) != math.inf


def number(default: Any, low: float = 0.0, high: float = math.inf, *, ends: str = "[]") -> Any:
    """A field whose value is data in the compiled step; `ends` is '[]', '(]', '[)' or '()'."""
    allowed = Allowed(low, high, open_low=ends[0] == "(", open_high=ends[1] == ")")
    return dataclasses.field(default=default, metadata={"allowed": allowed, "traced": True})


def switch(default: Any, low: float = 0.0, choices: tuple[str, ...] = ()) -> Any:
    """A field that changes shapes or control flow, so each value compiles anew."""
    return dataclasses.field(
        default=default, metadata={"allowed": Allowed(low=low, choices=choices), "traced": False}
    )


def coerce(cls: type[T], values: Mapping[str, Any]) -> T:
    """An instance of a config class from plain values, each checked and of its declared type.

    Raises:
        InvalidInputError: an unknown name, a missing name, or a value outside its range.
    """
    known = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    for name in values:
        if name not in known:
            raise InvalidInputError(f"unknown option {name!r}{nearest(name, known)}")
    checked = {name: check_value(known[name], value) for name, value in values.items()}
    missing = [n for n, f in known.items() if n not in checked and f.default is dataclasses.MISSING]
    if missing:
        raise InvalidInputError(f"missing option {missing[0]!r}")
    return cls(**checked)


def check_value(option: dataclasses.Field[Any], value: Any) -> Scalar | None:
    """The value in the option's declared type; raises InvalidInputError with the rule."""
    allowed: Allowed = option.metadata["allowed"]
    kind = str(option.type).removeprefix("<class '").removesuffix("'>").split(" | ")[0]
    if value is None and option.default is None:
        return None
    if kind == "bool":
        if not isinstance(value, bool):
            raise InvalidInputError(f"{option.name} must be true or false, got {value!r}")
        return value
    if kind == "str":
        if str(value).lower() not in allowed.choices:
            hint = nearest(str(value), list(allowed.choices))
            raise InvalidInputError(f"{option.name} must be {allowed}, got {value!r}{hint}")
        return str(value).lower()
    number = _check_number(option.name, kind, allowed, value)
    if option.metadata["traced"] and abs(number) > _LARGEST[kind]:
        raise InvalidInputError(f"{option.name} must fit in 32 bits, got {value!r}")
    return number


def _check_number(name: str, kind: str, allowed: Allowed, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InvalidInputError(f"{name} must be a number, got {value!r}")
    if not allowed.contains(value):
        raise InvalidInputError(f"{name} must be {allowed}, got {value!r}")
    if kind == "int" and value != int(value):
        raise InvalidInputError(f"{name} must be a whole number, got {value!r}")
    return int(value) if kind == "int" else float(value)


def nearest(name: str, known: Mapping[str, Any] | list[str]) -> str:
    """' (did you mean ...?)' with the nearest known name, or the list of them all."""
    close = difflib.get_close_matches(name, list(known), n=1)
    if close:
        return f" (did you mean {close[0]!r}?)"
    return f" (known: {', '.join(sorted(known))})"
