"""`--set a.b=v`: values that replace those of the file before anything is checked.

Each override is a small file of its own, called `--set a.b=v`, so errors point into the argument.
"""

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from shampoo_tune.tuner.study_file.file_errors import (
    FileError,
    KeyPath,
    Position,
    StudyFileError,
    file_error,
)
from shampoo_tune.tuner.study_file.problems import show
from shampoo_tune.tuner.study_file.yaml_source import YamlSource, read_value
from shampoo_tune.yaml_core import MAX_DEPTH


def apply_overrides(source: YamlSource, overrides: Sequence[str]) -> YamlSource:
    """The source with every override applied in turn; faulty ones are added to its errors."""
    for argument in overrides:
        source = _apply(source, argument)
    return source


def _apply(source: YamlSource, argument: str) -> YamlSource:
    file = f"--set {argument}"
    key, equals, text = argument.partition("=")
    path = tuple(key.split("."))
    if not equals or not all(path) or len(path) > MAX_DEPTH:
        rule = "expected KEY=VALUE with a KEY such as budget.trials"
        error = file_error(Position(file, 1, 1), (), rule, argument)
        return source.with_errors([error], {file: argument})
    try:
        # Spaces in place of the key make the value's columns those of the argument.
        value = read_value(" " * (len(key) + 1) + text, file)
    except StudyFileError as failure:
        return source.with_errors(failure.errors, {file: argument})
    data = copy.deepcopy(source.data)
    blocked = _put(data, path, value.data)
    if blocked is not None:
        return source.with_errors(
            [_blocked_error(source.data, blocked, path, file)], {file: argument}
        )
    merged = _merge_marks(source, replace(value, data=data), path, file)
    errors = [replace(e, path=".".join(filter(None, [key, e.path]))) for e in value.errors]
    return merged.with_errors(errors, {file: argument})


def _put(data: dict[str, Any], path: tuple[str, ...], value: Any) -> KeyPath | None:
    """Stores the value, making missing mappings; returns the path of what is in the way."""
    inner: Any = data
    for depth, part in enumerate(path[:-1], start=1):
        if inner.get(part) is None:
            inner[part] = {}
        inner = inner[part]
        if not isinstance(inner, dict):
            return path[:depth]
    inner[path[-1]] = value
    return None


def _blocked_error(data: Any, blocked: KeyPath, path: tuple[str, ...], file: str) -> FileError:
    for part in blocked:
        data = data[part]
    name = ".".join(map(str, blocked))
    rule = f"{blocked[-1]} is {show(data)}, which has no key {path[len(blocked)]!r}"
    position = Position(file, 1, len(name) + 2)
    return file_error(position, path, rule, data, f"set {name} itself")


def _merge_marks(
    source: YamlSource, value: YamlSource, path: tuple[str, ...], file: str
) -> YamlSource:
    """The places of the source, with those below the path taken from the override."""
    keys = {p: mark for p, mark in source.keys.items() if p[: len(path)] != path}
    values = {p: mark for p, mark in source.values.items() if p[: len(path)] != path}
    for depth in range(1, len(path) + 1):
        column = len(".".join(path[: depth - 1])) + (2 if depth > 1 else 1)
        keys.setdefault(path[:depth], Position(file, 1, column))
        values.setdefault(path[:depth], Position(file, 1, column))
    keys |= {(*path, *p): mark for p, mark in value.keys.items()}
    values |= {(*path, *p): mark for p, mark in value.values.items()}
    return replace(source, data=value.data, keys=keys, values=values)
