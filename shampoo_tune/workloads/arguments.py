"""What the `args` of a workload may be. Standard library only: files are checked without JAX."""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shampoo_tune.errors import InvalidInputError

Value = int | float | str


@dataclass(frozen=True)
class Argument:
    """One of a workload's arguments.

    Attributes:
        kind: int, float or str.
        meaning: a phrase, for the schema of study files.
        default: the value unless the file says otherwise.
        low: the least number allowed, of numbers.
    """

    kind: type[int] | type[float] | type[str]
    meaning: str
    default: Value
    low: int = 0

    def checked(self, value: Any) -> Value:
        """The value in this argument's type.

        Raises:
            InvalidInputError: it is none; the message is the rule alone.
        """
        if not self._accepts(value):
            raise InvalidInputError(f"must be {self._rule(value)}, got {value!r}")
        return self.kind(value)

    @property
    def high(self) -> float:
        """The greatest number allowed."""
        return 2**31 - 1 if self.kind is int else sys.float_info.max

    def _accepts(self, value: Any) -> bool:
        if self.kind is str:
            return isinstance(value, str) and value != ""
        whole = self.kind is float or not isinstance(value, float) or value.is_integer()
        return _is_number(value) and whole and self.low <= value <= self.high

    def _rule(self, value: Any) -> str:
        if self.kind is str:
            return "a text that is not empty"
        bound = f"<= {self.high:g}" if _is_number(value) and value > self.high else f">= {self.low}"
        return f"{'a whole number' if self.kind is int else 'a number'} {bound}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@dataclass(frozen=True)
class ArgumentProblem:
    """What is wrong with the value of an argument.

    Attributes:
        name: of the argument.
        rule: what is wrong, as a sentence's end.
        hint: the remedy, or empty.
    """

    name: str
    rule: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.rule}" + (f" ({self.hint})" if self.hint else "")


# Says what is wrong with arguments that are each what they may be.
Rule = Callable[[Mapping[str, Any]], Iterator[ArgumentProblem]]


def no_rule(arguments: Mapping[str, Any]) -> Iterator[ArgumentProblem]:
    """Of a workload whose arguments are free of each other, and name no file."""
    del arguments
    return iter(())


def complete(
    known: Mapping[str, Argument], given: Mapping[str, Any], rule: Rule
) -> tuple[dict[str, Any], list[ArgumentProblem]]:
    """All arguments, those not given by their defaults, and what is wrong with those given.

    Args:
        known: the workload's arguments.
        given: their values by name; other names are left to the caller.
        rule: asked if each value is what it may be.
    """
    values = {name: argument.default for name, argument in known.items()}
    problems = []
    for name in [name for name in known if name in given]:
        try:
            values[name] = known[name].checked(given[name])
        except InvalidInputError as error:
            problems.append(ArgumentProblem(name, str(error)))
    return values, problems or list(rule(values))
