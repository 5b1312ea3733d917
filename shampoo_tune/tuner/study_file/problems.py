"""Collects what is wrong in a study file while the checks go on, so all of it is shown at once."""

import math
from collections.abc import Iterable
from typing import Any

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.allowed_values import check_value, nearest
from shampoo_tune.tuner.configuration import Option
from shampoo_tune.tuner.parameters import Value
from shampoo_tune.tuner.study_file.file_errors import KeyPath, StudyFileError, file_error
from shampoo_tune.tuner.study_file.yaml_source import YamlSource


class Problems:
    """The errors so far; each method adds at most one, at the place of the key or value."""

    def __init__(self, source: YamlSource) -> None:
        self._source = source
        self.errors = list(source.errors)

    def add(self, path: KeyPath, rule: str, value: Any = None, hint: str = "") -> None:
        """An error at the value."""
        position = self._source.value_position(path)
        self.errors.append(file_error(position, path, rule, value, hint))

    def add_at_key(self, path: KeyPath, rule: str, value: Any = None, hint: str = "") -> None:
        """An error at the key."""
        position = self._source.key_position(path)
        self.errors.append(file_error(position, path, rule, value, hint))

    def unknown_key(self, path: KeyPath, value: Any, known: Iterable[str]) -> None:
        """A key that does not exist here, with the nearest that does."""
        hint = hint_text(str(path[-1]), known)
        self.add_at_key(path, f"unknown key {path[-1]!r}", value, hint)

    def missing_key(self, path: KeyPath, hint: str = "") -> None:
        """A required key, reported where its mapping begins."""
        position = self._source.container_position(path[:-1])
        self.errors.append(file_error(position, path, f"missing key {path[-1]!r}", None, hint))

    def mapping(self, path: KeyPath, value: Any, hint: str = "") -> dict[str, Any]:
        """The value if it is a mapping; otherwise an error and an empty mapping."""
        if isinstance(value, dict):
            return value
        self.add(path, f"expected a mapping, got {show(value)}", value, hint)
        return {}

    def one_of(self, path: KeyPath, value: Any, known: tuple[str, ...]) -> bool:
        """Whether the value is one of the known texts."""
        if isinstance(value, str) and value in known:
            return True
        names = " or ".join(filter(None, [", ".join(map(repr, known[:-1])), repr(known[-1])]))
        hint = close_hint(str(value), known)
        self.add(path, f"{show(value)} is not one of {names}", value, hint)
        return False

    def accept(self, path: KeyPath, option: Option, value: Any) -> tuple[Value] | None:
        """The value in the option's type, in a tuple because null may be valid; None if not."""
        if isinstance(value, float) and not math.isfinite(value):
            self.add(path, f"must be finite, got {value!r}", value)
            return None
        try:
            return (check_value(option, value),)
        except InvalidInputError as error:
            rule, _, hint = str(error).removeprefix(f"{option.name} ").partition(" (did you mean ")
            rule = rule.partition(" (known: ")[0]
            hint = f"did you mean {hint.removesuffix(')')}" if hint else number_hint(value)
            self.add(path, rule, value, hint)
            return None

    def raise_errors(self) -> None:
        """Raises StudyFileError if there is any error."""
        if self.errors:
            raise StudyFileError(self.errors, self._source.texts)


def hint_text(name: str, known: Iterable[str]) -> str:
    """'did you mean ...?' with the nearest known name, or the list of them all."""
    return nearest(name, list(known)).removeprefix(" (").removesuffix(")")


def close_hint(name: str, known: Iterable[str]) -> str:
    """'did you mean ...?' or nothing."""
    hint = hint_text(name, known)
    return "" if hint.startswith("known: ") else hint


def number_hint(value: Any) -> str:
    """The remedy if a text was written where its number was meant."""
    if not isinstance(value, str):
        return ""
    try:
        number = float(value)
    except ValueError:
        return ""
    if not math.isfinite(number):
        return ""
    text = f"{number:.0f}" if number.is_integer() and abs(number) < 1e15 else repr(number)
    return f"write {text}: numbers have no quotes and no underscores"


def show(value: Any) -> str:
    """A value in a sentence: in YAML's words, and short."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = "a mapping" if isinstance(value, dict) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
