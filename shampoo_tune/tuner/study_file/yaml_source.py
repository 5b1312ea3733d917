"""YAML text as plain data, with the place of every key and value, so that errors can point at it.

What breaks the syntax raises at once. What leaves the rest readable (duplicate and non-text keys)
is collected in `YamlSource.errors`, to be shown together with what the study's rules find.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

import yaml
from yaml.error import MarkedYAMLError
from yaml.reader import ReaderError

from shampoo_tune.tuner.study_file.file_errors import (
    LINE_BREAK,
    FileError,
    KeyPath,
    Position,
    StudyFileError,
    file_error,
)
from shampoo_tune.yaml_core import CoreLoader, scalar_value

MAX_BYTES = 1 << 20


@dataclass(frozen=True)
class YamlSource:
    """A parsed text.

    Attributes:
        data: dicts with text keys, lists, and scalars; the first of duplicate keys counts.
        keys: the place of every key.
        values: the place of every value; the root's path is `()`.
        errors: what is wrong although the text could be read.
        texts: the text of every file that a position names.
    """

    data: Any
    keys: Mapping[KeyPath, Position]
    values: Mapping[KeyPath, Position]
    errors: tuple[FileError, ...]
    texts: Mapping[str, str]

    def key_position(self, path: KeyPath) -> Position:
        """Where the key stands, or its nearest ancestor that stands in the text."""
        return self._nearest(self.keys, path)

    def value_position(self, path: KeyPath) -> Position:
        """Where the value begins, or its nearest ancestor that stands in the text."""
        return self._nearest(self.values, path)

    def container_position(self, path: KeyPath) -> Position:
        """Where a mapping begins: its brace or, as block mappings have none, its key."""
        value, key = self.value_position(path), self.keys.get(path)
        return key if key is not None and key.line < value.line else value

    def with_errors(self, errors: Sequence[FileError], texts: Mapping[str, str]) -> "YamlSource":
        """The same source with further errors and the texts they point into."""
        return replace(self, errors=self.errors + tuple(errors), texts={**self.texts, **texts})

    def _nearest(self, marks: Mapping[KeyPath, Position], path: KeyPath) -> Position:
        while path and path not in marks:
            path = path[:-1]
        return marks[path] if path else self.values[()]


def decode(raw: bytes, filename: str) -> str:
    """The text of a file's bytes. Raises StudyFileError if they are too many or not UTF-8."""
    if len(raw) > MAX_BYTES:
        _fail(Position(filename, 1, 1), f"the file is larger than {MAX_BYTES} bytes", "")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # `start` counts the bytes after a byte order mark, which a column does not count either.
        before = raw.removeprefix(b"\xef\xbb\xbf")[: error.start].decode("utf-8")
        rule = f"the byte 0x{error.object[error.start]:02x} is not UTF-8"
        _fail(_position_at_end(before, filename), rule, "")


def read_yaml(text: str, filename: str) -> YamlSource:
    """One document whose root is a mapping. Raises StudyFileError if it cannot be read."""
    source = read_value(text, filename)
    if not isinstance(source.data, dict):
        rule = "the file is empty" if source.data is None else "the file's root is not a mapping"
        error = file_error(source.values[()], (), rule, source.data, "expected `key: value` lines")
        raise StudyFileError([*source.errors, error], source.texts)
    return source


def read_value(text: str, filename: str) -> YamlSource:
    """One document of any kind; no document at all is null."""
    node = _compose(text, filename)
    walk = _Walk(filename)
    if node is None:
        walk.values[()] = _position_at_end(text, filename)
    data = None if node is None else walk.value(node, ())
    return YamlSource(data, walk.keys, walk.values, tuple(walk.errors), {filename: text})


def _compose(text: str, filename: str) -> yaml.Node | None:
    try:
        loader = CoreLoader(text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()
    except ReaderError as error:
        position = _position_at_end(text[: error.position], filename)
        _fail(position, f"the character U+{ord(text[error.position]):04X} is not allowed", text)
    except MarkedYAMLError as error:
        # What is never closed is noticed at the end of the file, and shown where it was opened.
        unclosed = "<stream end>" in (error.problem or "")
        mark = (error.context_mark if unclosed else None) or error.problem_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        position = Position(filename, line + 1, column + 1)
        _fail(position, _syntax_rule(error, _character(text, line, column)), text)


def _syntax_rule(error: MarkedYAMLError, character: str) -> str:
    if character == "\t" and "cannot start any token" in (error.problem or ""):
        return "a tab cannot stand here: use spaces"
    if error.context == "expected a single document in the stream":
        return "more than one document: a study file has one, without further '---'"
    context = f"{error.context}: " if error.context else ""
    return f"invalid YAML: {context}{error.problem}" if context else str(error.problem)


def _character(text: str, line: int, column: int) -> str:
    lines = LINE_BREAK.split(text)
    return lines[line][column : column + 1] if line < len(lines) else ""


def _position_at_end(text: str, filename: str) -> Position:
    lines = LINE_BREAK.split(text)
    return Position(filename, len(lines), len(lines[-1]) + 1)


def _fail(position: Position, rule: str, text: str) -> NoReturn:
    raise StudyFileError([file_error(position, (), rule)], {position.file: text}) from None


@dataclass
class _Walk:
    """One pass over the nodes that collects data, places and errors."""

    filename: str
    keys: dict[KeyPath, Position] = field(default_factory=dict)
    values: dict[KeyPath, Position] = field(default_factory=dict)
    errors: list[FileError] = field(default_factory=list)

    def value(self, node: yaml.Node, path: KeyPath) -> Any:
        self.values[path] = self._position(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, i)) for i, item in enumerate(node.value)]
        return self._scalar(node, path)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            inner = (*path, key)
            if key in data:
                rule = f"duplicate key (first at line {self.keys[inner].line})"
                self._error(key_node, inner, rule, key)
                continue
            self.keys[inner] = self._position(key_node)
            data[key] = self.value(value_node, inner)
        return data

    def _key(self, node: yaml.Node, path: KeyPath) -> str | None:
        """The key's text; None once it was reported."""
        key = self._scalar(node, path) if isinstance(node, yaml.ScalarNode) else node.tag
        if not isinstance(node, yaml.ScalarNode) or not isinstance(key, str):
            hint = "put quotes around it" if isinstance(node, yaml.ScalarNode) else ""
            self._error(node, path, "a key must be a text", None, hint)
            return None
        if key == "<<":
            self._error(node, path, "merge keys are not supported: write the keys out", key)
            return None
        return key

    def _scalar(self, node: yaml.Node, path: KeyPath) -> Any:
        try:
            return scalar_value(node.tag, node.value)
        except ValueError as error:
            self._error(node, path, str(error), None)
            return None

    def _error(self, node: yaml.Node, path: KeyPath, rule: str, value: Any, hint: str = "") -> None:
        self.errors.append(file_error(self._position(node), path, rule, value, hint))

    def _position(self, node: yaml.Node) -> Position:
        return Position(self.filename, node.start_mark.line + 1, node.start_mark.column + 1)
