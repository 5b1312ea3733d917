"""JSON Schemas of dataclasses, as `plain.to_plain` writes them: unknown and infinite is null."""

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np

Schema = dict[str, Any]


def schema_of(kind: Any, named: dict[str, Schema]) -> Schema:
    """The schema of a type; dataclasses go to `named` and are referred to.

    Raises:
        TypeError: it has no form in JSON.
    """
    if is_dataclass(kind) and isinstance(kind, type):
        return _reference(kind, named)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(part, named) for part in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is np.ndarray or origin is np.dtype:
        return {"type": "array", "items": {"type": ["number", "null", "array"]}}
    if origin is tuple or (isinstance(origin, type) and issubclass(origin, Sequence)):
        return _sequence(arguments, named)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1], named)}
    return _simple(kind)


def _reference(kind: type, named: dict[str, Schema]) -> Schema:
    name = kind.__name__
    if name not in named:
        named[name] = {}  # so that a type may hold itself
        hints = typing.get_type_hints(kind)
        named[name] = {
            "type": "object",
            "description": (kind.__doc__ or "").strip().split("\n")[0],
            "properties": {f.name: schema_of(hints[f.name], named) for f in fields(kind)},
            "required": [f.name for f in fields(kind) if f.default is MISSING],
        }
    return {"$ref": f"#/components/schemas/{name}"}


def _sequence(arguments: tuple[Any, ...], named: dict[str, Schema]) -> Schema:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return {"type": "array", "items": schema_of(arguments[0], named)}
    if len(arguments) == 1:
        return {"type": "array", "items": schema_of(arguments[0], named)}
    parts = [schema_of(part, named) for part in arguments]
    return {"type": "array", "prefixItems": parts, "minItems": len(parts), "maxItems": len(parts)}


def _simple(kind: Any) -> Schema:
    if kind is Any:
        return {}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return {"enum": [member.value for member in kind]}
    if kind is datetime:
        return {"type": "string", "format": "date-time"}
    # Every number may be infinite inside, and is null then.
    known = {str: "string", bool: "boolean", int: "integer", type(None): "null"}
    if kind is float:
        return {"type": ["number", "null"]}
    if kind in known:
        return {"type": known[kind]}
    raise TypeError(f"{kind} has no form in JSON")
