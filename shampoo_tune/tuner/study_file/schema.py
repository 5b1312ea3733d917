"""Study files as JSON Schema (draft 2020-12), for editors that complete and check while typing.

It is made from what the loader checks with: the sections' models, the options' `Allowed`, the
workloads. It says less than the loader where a rule spans several keys (min below max, names in
`when` and `enqueue`, trials against enqueued points): `validate` has the last word.
"""

from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import models_json_schema

from shampoo_tune.optimizer.config import OPTIMIZERS
from shampoo_tune.tuner.configuration import SCHEDULE_OPTIONS, Option, arm_options
from shampoo_tune.tuner.study_file.arms import ARM_NAME
from shampoo_tune.tuner.study_file.meanings import option_meanings, schedule_meanings
from shampoo_tune.tuner.study_file.parameter_schema import (
    PARAMETER_DEFINITIONS,
    Json,
    fixed_schema,
    parameter_schema,
    scalar_schema,
)
from shampoo_tune.tuner.study_file.root_keys import NAME, REQUIRED
from shampoo_tune.tuner.study_file.schedule_sections import LABEL_SMOOTHING, SCHEDULE_NAME
from shampoo_tune.tuner.study_file.sections import (
    BudgetSection,
    Metric,
    Parent,
    Search,
    Workload,
)
from shampoo_tune.workloads import WorkloadEntry
from shampoo_tune.workloads.arguments import Argument

_SECTIONS = {
    "parent": Parent,
    "workload": Workload,
    "metric": Metric,
    "budget": BudgetSection,
    "search": Search,
}
# The loader fills these in from the workload.
_FILLED_IN = {"Workload": {"batch_size"}, "Metric": {"name", "goal"}}


def study_file_schema(workloads: Mapping[str, WorkloadEntry]) -> Json:
    """The schema of study files that name one of these workloads."""
    definitions = _section_definitions() | PARAMETER_DEFINITIONS
    definitions |= _value_definitions("schedule", SCHEDULE_OPTIONS)
    for name in OPTIMIZERS:
        own = {n: o for n, o in arm_options(name).items() if n not in SCHEDULE_OPTIONS}
        definitions |= _value_definitions(name, own) | {f"{name}_arm": _arm(name)}
    definitions["any_arm"] = _any_arm()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "shampoo-tune study file, version 1",
        "type": "object",
        "required": list(REQUIRED),
        "additionalProperties": False,
        "properties": {
            "version": {"const": 1},
            "name": {"type": "string", "pattern": f"^(?:{NAME.pattern})$"},
            **{key: {"$ref": f"#/$defs/{model.__name__}"} for key, model in _SECTIONS.items()},
            "target": {"type": ["number", "null"], "description": "What counts as reached."},
            "schedule": _schedule(),
            "shared": _shared(),
            "optimizers": _optimizers(),
        },
        "allOf": [_of_workload(name, entry) for name, entry in workloads.items()],
        "$defs": _with_workload_names(definitions, list(workloads)),
    }


def _section_definitions() -> Json:
    models: Any = [(model, "validation") for model in _SECTIONS.values()]
    _, schema = models_json_schema(models, ref_template="#/$defs/{model}")
    definitions: Json = schema["$defs"]
    for name, filled_in in _FILLED_IN.items():
        required = definitions[name]["required"]
        definitions[name]["required"] = [key for key in required if key not in filled_in]
    return definitions


def _with_workload_names(definitions: Json, names: list[str]) -> Json:
    properties = definitions["Workload"]["properties"]
    properties["name"] = properties["name"] | {"enum": names}
    return definitions


def _of_workload(name: str, entry: WorkloadEntry) -> Json:
    """What a file of this workload may say further: its metrics and its arguments."""
    metrics = [metric for metric in entry.metrics if not metric.startswith("test_")]
    then: Json = {"metric": {"properties": {"name": {"enum": metrics}}}}
    needed: list[str] = []
    if not metrics:  # a program's are what its file says
        then, needed = {"metric": {"required": ["name"]}}, ["metric"]
    if entry.arguments is not None:
        known = {name: _argument(argument) for name, argument in entry.arguments.items()}
        arguments = {"properties": known, "additionalProperties": False}
        then["workload"] = {"properties": {"args": arguments}}
    named = {"properties": {"name": {"const": name}}, "required": ["name"]}
    then = {"properties": then, "required": needed}
    return {"if": {"properties": {"workload": named}}, "then": then}


def _argument(argument: Argument) -> Json:
    shown = {"description": f"{argument.meaning}.", "default": argument.default}
    if argument.kind is str:
        return {"type": "string", "minLength": 1, **shown}
    kind = "integer" if argument.kind is int else "number"
    return {"type": kind, "minimum": argument.low, "maximum": argument.high, **shown}


def _schedule() -> Json:
    meanings = schedule_meanings()
    fixed = {
        name: fixed_schema(option, _value("schedule", name), meanings.get(name, ""))
        for name, option in SCHEDULE_OPTIONS.items()
    }
    return {
        "description": "Of every arm that does not override it.",
        "type": "object",
        "additionalProperties": False,
        "properties": {"name": {"const": SCHEDULE_NAME}, **fixed},
    }


def _shared() -> Json:
    meanings = schedule_meanings()
    tuned = {
        name: parameter_schema(
            option, _value("schedule", name), meanings.get(name, ""), conditional=False
        )
        for name, option in SCHEDULE_OPTIONS.items()
    }
    smoothing = fixed_schema(
        LABEL_SMOOTHING, scalar_schema(LABEL_SMOOTHING), "Of the training loss."
    )
    return {
        "description": "What all arms have in common; tuned in each of them.",
        "type": "object",
        "additionalProperties": False,
        "properties": {**tuned, LABEL_SMOOTHING.name: smoothing},
    }


def _value(owner: str, name: str) -> Json:
    """A reference to one value of an option."""
    return {"$ref": f"#/$defs/{owner}.{name}"}


def _value_definitions(owner: str, options: Mapping[str, Option]) -> Json:
    return {f"{owner}.{name}": scalar_schema(option) for name, option in options.items()}


def _optimizers() -> Json:
    """An arm's key names its optimizer unless `optimizer` inside does."""
    by_key = {
        name: {
            "if": {"required": ["optimizer"]},
            "then": {"$ref": "#/$defs/any_arm"},
            "else": {"$ref": f"#/$defs/{name}_arm"},
        }
        for name in OPTIMIZERS
    }
    return {
        "description": "The arms.",
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": f"^(?:{ARM_NAME.pattern})$"},
        "properties": by_key,
        "additionalProperties": {"$ref": "#/$defs/any_arm"},
    }


def _any_arm() -> Json:
    """An arm that names its optimizer."""
    return {
        "type": "object",
        "required": ["optimizer"],
        "properties": {"optimizer": {"enum": list(OPTIMIZERS)}},
        "allOf": [
            {
                "if": {"properties": {"optimizer": {"const": name}}},
                "then": {"$ref": f"#/$defs/{name}_arm"},
            }
            for name in OPTIMIZERS
        ],
    }


def _arm(optimizer: str) -> Json:
    options, meanings = arm_options(optimizer), option_meanings(optimizer)
    values = {
        name: _value("schedule" if name in SCHEDULE_OPTIONS else optimizer, name)
        for name in options
    }
    parameters = {
        name: parameter_schema(
            option, values[name], meanings.get(name, ""), conditional=name != "learning_rate"
        )
        for name, option in options.items()
    }
    enqueue = {
        "description": "Points to try before the design; they count in the budget.",
        "type": "array",
        "items": {"type": "object", "additionalProperties": False, "properties": values},
    }
    return {
        "type": "object",
        "required": ["learning_rate"],
        "additionalProperties": False,
        "properties": {"optimizer": {"const": optimizer}, **parameters, "enqueue": enqueue},
    }
