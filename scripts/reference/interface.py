"""docs/api.md: every route of the interface, and the shape of each answer."""

from typing import Any

from scripts.reference.markdown import table
from shampoo_tune.dashboard.api.openapi import describe

_INTRODUCTION = """\
# The HTTP interface

Of `shampoo-tune dashboard` ([dashboard.md](dashboard.md)), GET only. The running server describes
it at `/api/v1/openapi.json` (OpenAPI 3.1), from which this page is made. Within version 1 keys
are only ever added; numbers that are unknown or infinite are null.
"""


def interface() -> str:
    """The page."""
    document = describe()
    parts = [_INTRODUCTION, "\n## Routes\n"]
    parts += [_route(path, item["get"]) for path, item in document["paths"].items()]
    parts.append("\n## Shapes\n")
    schemas = document["components"]["schemas"]
    parts += [_shape(name, schema) for name, schema in sorted(schemas.items())]
    return "".join(parts)


def _route(path: str, get: dict[str, Any]) -> str:
    parameters = [
        (f"`{p['name']}`", p["in"], _kind(p["schema"]), "yes" if p.get("required") else "")
        for p in get.get("parameters", [])
    ]
    answer = get["responses"]["200"]["content"]
    told = ", ".join(f"{_kind(item['schema'])} as `{media}`" for media, item in answer.items())
    text = f"\n### `{path}`\n\n{get['summary']}. Answers with {told}.\n"
    if parameters:
        text += "\n" + table(["parameter", "in", "", "required"], parameters)
    return text


def _shape(name: str, schema: dict[str, Any]) -> str:
    text = f"\n### {name}\n\n{schema.get('description', '').strip()}\n"
    rows = [(f"`{key}`", _kind(value)) for key, value in schema.get("properties", {}).items()]
    return text + ("\n" + table(["key", ""], rows) if rows else f"\n{_kind(schema)}\n")


def _kind(schema: dict[str, Any]) -> str:
    """A schema in words."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(part) for part in schema["anyOf"]))
    if "enum" in schema:
        return " or ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    return _of_type(schema)


def _of_type(schema: dict[str, Any]) -> str:
    kinds = schema.get("type", "anything")
    if kinds == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if kinds == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object of {_kind(schema['additionalProperties'])}"
    return " or ".join(kinds) if isinstance(kinds, list) else str(kinds)
