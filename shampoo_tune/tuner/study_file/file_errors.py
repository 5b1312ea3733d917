"""What is wrong in a study file, and where: one record per error, shown like a compiler's."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shampoo_tune.errors import InvalidInputError

# PyYAML counts these as line breaks, so the shown line must be cut at the same places.
LINE_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_SHOWN_WIDTH = 160

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, order=True)
class Position:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int


@dataclass(frozen=True)
class FileError:
    """One broken rule; every field is a plain JSON value.

    Attributes:
        file: the file's name as the user gave it, or `--set KEY=VALUE`.
        line: counted from 1.
        column: counted from 1.
        path: the key, dotted, as in `optimizers.shampoo.beta1.max`; empty for broken YAML.
        rule: what is wrong, as a sentence.
        value: what was found.
        hint: the remedy, or empty.
    """

    file: str
    line: int
    column: int
    path: str
    rule: str
    value: Any
    hint: str

    def __str__(self) -> str:
        """The error on one line: `file:line:column: error: path: rule (hint)`."""
        path = f"{self.path}: " if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: error: {path}{self.rule}{hint}"

    def render(self, text: str) -> str:
        """The error, the line of `text` it is on, and a caret below the column."""
        lines = LINE_BREAK.split(text)
        if self.line > len(lines) or not lines[self.line - 1].strip():
            return str(self)
        start = max(0, self.column - 1 - _SHOWN_WIDTH // 2)
        shown = lines[self.line - 1][start : start + _SHOWN_WIDTH]
        line = "".join(
            c if c.isprintable() or c == "\t" else "\N{REPLACEMENT CHARACTER}" for c in shown
        )
        # Tabs are kept in the caret's line, so that both lines are equally wide.
        indent = "".join("\t" if c == "\t" else " " for c in line[: self.column - 1 - start])
        return f"{self}\n    {line}\n    {indent}^"


def file_error(
    position: Position, path: KeyPath, rule: str, value: Any = None, hint: str = ""
) -> FileError:
    """A `FileError` from a key's path as a tuple and any value."""
    dotted = ".".join(str(part) for part in path)
    return FileError(
        position.file, position.line, position.column, dotted, rule, _json_value(value), hint
    )


def _json_value(value: Any) -> Any:
    """The value with infinities and NaN, which JSON lacks, as text."""
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, list):
        return [_json_value(item) for item in value]
    if isinstance(value, dict):
        return {key: _json_value(item) for key, item in value.items()}
    return value


class StudyFileError(InvalidInputError):
    """Everything that is wrong in a study file, overrides first, then in the order of its lines.

    Attributes:
        errors: at least one.
    """

    label = ""  # every line says that it is an error

    def __init__(self, errors: Sequence[FileError], texts: Mapping[str, str]) -> None:
        """`texts` holds the text of each file named by an error."""
        self.errors = sorted(
            errors, key=lambda e: (not e.file.startswith("--set "), e.file, e.line, e.column)
        )
        super().__init__("\n".join(e.render(texts.get(e.file, "")) for e in self.errors))
