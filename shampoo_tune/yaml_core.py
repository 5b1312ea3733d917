"""YAML 1.2's core schema on PyYAML, which by itself follows YAML 1.1.

Under 1.1 `1e-5` is a text, `on` a bool, `010` is eight and `12:30` a number; the core schema has
none of these. See https://yaml.org/spec/1.2.2/#103-core-schema.
"""

import re
from typing import Any

import yaml
from yaml.error import MarkedYAMLError

from shampoo_tune.optimizer.allowed_values import Scalar

MAX_DEPTH = 20
_TAG = "tag:yaml.org,2002:"
_RESOLVERS = {
    # None stands for "whatever the first character"; the first match wins, so int is before float.
    None: [
        (_TAG + name, re.compile(rf"(?:{pattern})\Z"))
        for name, pattern in (
            ("null", r"null|Null|NULL|~|"),
            ("bool", r"true|True|TRUE|false|False|FALSE"),
            ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"),
            ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"),
            ("float", r"[-+]?(\.inf|\.Inf|\.INF)|\.nan|\.NaN|\.NAN"),
        )
    ]
}


class CoreLoader(yaml.SafeLoader):
    """Composes nodes with core-schema tags; refuses anchors, aliases, tags and deep nesting."""

    yaml_implicit_resolvers = _RESOLVERS
    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """One node; an anchor, an alias or a tag is an error at its mark."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            self._refuse("anchors and aliases are not supported: write the value out", event)
        if getattr(event, "tag", None) is not None:
            self._refuse("tags are not supported: write the plain value", event)
        if self._depth > MAX_DEPTH:
            self._refuse(f"nested deeper than {MAX_DEPTH} levels", event)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    @staticmethod
    def _refuse(problem: str, event: Any) -> None:
        raise MarkedYAMLError(problem=problem, problem_mark=event.start_mark)


class CoreDumper(yaml.SafeDumper):
    """Writes text so that `CoreLoader` reads it back; texts that look like numbers are quoted."""

    yaml_implicit_resolvers = _RESOLVERS

    def represent_str(self, data: str) -> yaml.ScalarNode:
        """Escapes in double quotes; elsewhere PyYAML writes U+0085 and U+2028 as line breaks."""
        style = None if data.isprintable() else '"'
        return self.represent_scalar(f"{_TAG}str", data, style)


CoreDumper.add_representer(str, CoreDumper.represent_str)


def scalar_value(tag: str, text: str) -> Scalar | None:
    """The Python value of a resolved scalar.

    Raises:
        ValueError: the value cannot be stored: too long a number, or no valid Unicode.
    """
    kind = tag.removeprefix(_TAG)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return _whole_number(text)
    if kind == "float":
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    if any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("a text must be Unicode without NUL and surrogates")
    return text


def _whole_number(text: str) -> int:
    base = {"0x": 16, "0o": 8}.get(text[:2], 10)
    # The length is checked first: Python itself refuses to convert thousands of digits.
    value = int(text, base) if len(text) <= 30 else 2**63
    if abs(value) >= 2**63:
        raise ValueError("a whole number must fit in 64 bits")
    return value
