"""The forms of one parameter as JSON Schema: a scalar, `{values: [...]}`, or `{min, max, ...}`.

The mirror of `parameter_forms`, from the same `Option` and `Allowed`.
"""

import math
from typing import Any

from shampoo_tune.optimizer.allowed_values import Allowed
from shampoo_tune.tuner.configuration import Option
from shampoo_tune.tuner.parameters import SCALES
from shampoo_tune.tuner.study_file.parameter_forms import (
    NEVER_TUNED,
    option_kind,
    range_refusal,
)

Json = dict[str, Any]

_JSON_TYPES = {"bool": "boolean", "int": "integer", "float": "number", "str": "string"}

# Shared by all parameters, under `$defs`.
PARAMETER_DEFINITIONS: Json = {
    "when": {
        "description": "The parameter is left out unless each of these parameters has this value.",
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"type": ["boolean", "number", "string", "null"]},
    },
    "range": {
        "description": "A range in natural units, uniform on its scale; min is below max.",
        "allOf": [
            {
                "if": {"properties": {"scale": {"const": "log"}}, "required": ["scale"]},
                "then": {"properties": {"min": {"exclusiveMinimum": 0}}},
            },
            {
                "if": {"properties": {"scale": {"const": "one_minus_log"}}, "required": ["scale"]},
                "then": {
                    "properties": {"max": {"exclusiveMaximum": 1}, "type": {"const": "float"}}
                },
            },
            {
                "if": {"properties": {"type": {"const": "int"}}, "required": ["type"]},
                "then": {"properties": {"min": {"type": "integer"}, "max": {"type": "integer"}}},
            },
        ],
    },
}


def parameter_schema(option: Option, value: Json, meaning: str, *, conditional: bool) -> Json:
    """All forms that the option may take.

    Args:
        option: a field with its `Allowed`.
        value: one value of it, as a reference to its `scalar_schema`.
        meaning: shown by editors.
        conditional: whether `when` is allowed.
    """
    when: Json = {"when": {"$ref": "#/$defs/when"}} if conditional else {}
    forms = [value]
    if option.name not in NEVER_TUNED:
        forms.append(_choice_schema(value, when))
        if range_refusal(option) is None:
            forms.append(_range_schema(option, value, when))
    return _described(option, meaning) | {"anyOf": forms}


def fixed_schema(option: Option, value: Json, meaning: str) -> Json:
    """The scalar form alone, for what is never tuned."""
    return _described(option, meaning) | value


def scalar_schema(option: Option) -> Json:
    """One value of the option."""
    allowed: Allowed = option.metadata["allowed"]
    schema: Json = {"type": _JSON_TYPES[option_kind(option)]}
    if allowed.choices:
        # Texts ignore case, which JSON Schema can only say letter by letter.
        anycase = "|".join(map(_anycase, allowed.choices))
        schema["anyOf"] = [{"enum": list(allowed.choices)}, {"pattern": f"^(?:{anycase})$"}]
    elif schema["type"] in ("integer", "number"):
        schema |= _bounds(allowed)
    if option.default is None:
        schema["type"] = [schema["type"], "null"]
    return schema


def _described(option: Option, meaning: str) -> Json:
    described = isinstance(option.default, (bool, int, float, str))
    return {"description": meaning} | ({"default": option.default} if described else {})


def _choice_schema(value: Json, when: Json) -> Json:
    values = {"type": "array", "minItems": 1, "uniqueItems": True, "items": value}
    return {
        "type": "object",
        "required": ["values"],
        "additionalProperties": False,
        "properties": {"values": values, **when},
    }


def _range_schema(option: Option, value: Json, when: Json) -> Json:
    whole = option_kind(option) == "int"
    scales = [scale for scale in SCALES if not (whole and scale == "one_minus_log")]
    return {
        "$ref": "#/$defs/range",
        "type": "object",
        "required": ["min", "max"],
        "additionalProperties": False,
        "properties": {
            "min": value,
            "max": value,
            "scale": {"enum": scales, "default": "linear"},
            "type": {"enum": ["int"] if whole else ["float", "int"]},
            **when,
        },
    }


def _bounds(allowed: Allowed) -> Json:
    low = "exclusiveMinimum" if allowed.open_low else "minimum"
    high = "exclusiveMaximum" if allowed.open_high else "maximum"
    bounds = {low: allowed.low, high: allowed.high}
    return {key: bound for key, bound in bounds.items() if math.isfinite(bound)}


def _anycase(text: str) -> str:
    return "".join(f"[{c}{c.upper()}]" if c.isalpha() else c for c in text)
