"""The sections of a study file that are plain records, as pydantic models."""

import math
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from shampoo_tune.study import Goal, Objective
from shampoo_tune.tuner.study_file.file_errors import KeyPath
from shampoo_tune.tuner.study_file.problems import Problems, close_hint, number_hint, show


def _whole(value: Any) -> Any:
    """1e3 is a float in YAML but a whole number all the same."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


# Seeds are numbered below 100,000 within a phase (`run_seed`).
Count = Annotated[int, Field(ge=1), BeforeValidator(_whole)]
SeedCount = Annotated[int, Field(ge=1, le=100_000), BeforeValidator(_whole)]


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("must be finite")
    if isinstance(value, dict):
        _finite(list(value.values()))
    if isinstance(value, list):
        for item in value:
            _finite(item)
    return value


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Workload(_Section):
    """What is trained; `args` are the workload's own."""

    name: str
    batch_size: Count
    args: Annotated[dict[str, Any], BeforeValidator(_finite)] = Field(default_factory=dict)


class Metric(_Section):
    """What is compared, in which direction, and at which step."""

    name: str
    goal: Annotated[Goal, Field(strict=False)]
    objective: Annotated[Objective, Field(strict=False)] = Objective.FINAL


class BudgetSection(_Section):
    """The fields of `study.Budget` as a file gives them."""

    steps: Count
    trials: SeedCount = 20
    finalists: SeedCount = 3
    finalist_seeds: SeedCount = 5
    seeds: SeedCount = 50
    eval_every: Count = 5
    studies: Count = 1


class Search(_Section):
    """The design of the search phase."""

    sampler: Literal["halton", "sobol", "tpe"] = "halton"
    seed: Annotated[int, Field(ge=0), BeforeValidator(_whole)] = 0


class Parent(_Section):
    """The group that this round was refined from; its arms of the same names are theirs.

    `replicates` counts the replicate numbers that the group and its own parents have taken. This
    round's begin there, so that none of its seeds and scrambles was used before in the lineage.
    """

    group: Annotated[str, Field(min_length=1)]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    replicates: Count = 1


Section = TypeVar("Section", bound=_Section)


def parse_section(
    problems: Problems, path: KeyPath, data: Mapping[str, Any], fallback: Section
) -> Section:
    """The section as the fallback's class.

    After an error it is the fallback: the study is never built then, but the checks that compare
    sections go on.
    """
    model = type(fallback)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        for details in error.errors(include_url=False):
            _report(problems, path, details, tuple(model.model_fields))
        return fallback


_RULES = {
    "int_type": "must be a whole number, got {value}",
    "string_type": "must be a text, got {value}",
    "string_too_short": "must not be empty, got {value}",
    "string_pattern_mismatch": "must match {pattern}, got {value}",
    "dict_type": "must be a mapping, got {value}",
    "greater_than_equal": "must be >= {ge}, got {value}",
    "less_than_equal": "must be <= {le}, got {value}",
    "literal_error": "{value} is not one of {expected}",
    "enum": "{value} is not one of {expected}",
    "value_error": "{error}",
}


def _report(
    problems: Problems, path: KeyPath, details: ErrorDetails, known: tuple[str, ...]
) -> None:
    where, value = (*path, *details["loc"]), details["input"]
    if details["type"] == "missing":
        problems.missing_key(where)
    elif details["type"] == "extra_forbidden":
        problems.unknown_key(where, value, known)
    else:
        context = details.get("ctx", {})
        template = _RULES.get(details["type"])
        rule = template.format(value=show(value), **context) if template else details["msg"]
        names = re.findall(r"'(\w+)'", str(context.get("expected", "")))
        hint = close_hint(str(value), names) if names else number_hint(value)
        if details["type"] == "string_type" and not isinstance(value, (list, dict)):
            hint = "put quotes around it"
        problems.add(where, rule, value, hint)
