"""What the `args` of a workload may be. Standard library only: files are checked without JAX."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shampoo_tune.errors import InvalidInputError

Value = int | float | str

_KINDS = {int: "a whole number", float: "a number", str: "a text"}


@dataclass(frozen=True)
class Argument:
    """One of a workload's arguments.

    Attributes:
        kind: int, float or str.
        meaning: a phrase, for the schema of study files.
        default: the value unless the file says otherwise.
        low: the least number allowed.
    """

    kind: type[int] | type[float] | type[str]
    meaning: str
    default: Value
    low: float = -math.inf

    def checked(self, value: Any) -> Value:
        """The value in this argument's type.

        Raises:
            InvalidInputError: it is none; the message is the rule alone.
        """
        if not self._accepts(value):
            bound = "" if self.low == -math.inf else f" >= {self.low:g}"
            empty = " that is not empty" if self.kind is str else ""
            rule = f"must be {_KINDS[self.kind]}{bound}{empty}"
            raise InvalidInputError(f"{rule}, got {value!r}")
        return self.kind(value)

    def _accepts(self, value: Any) -> bool:
        if self.kind is str:
            return isinstance(value, str) and value != ""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        whole = self.kind is float or float(value).is_integer()
        return whole and self.low <= value < math.inf


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
