"""Schemas of dataclasses accept what the interface writes of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import jsonschema
import numpy as np
import pytest

from shampoo_tune.dashboard.api.answering import with_times
from shampoo_tune.dashboard.api.schemas import schema_of
from shampoo_tune.tuner.report.plain import to_plain
from shampoo_tune.tuner.study_data import Array


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    """A part."""

    value: float


@dataclass(frozen=True)
class Outer:
    """All kinds of fields."""

    name: str
    whole: int | None
    colour: Colour
    side: Literal["low", "high"]
    parts: tuple[Inner, ...]
    pair: tuple[int, str]
    numbers: Array
    anything: Mapping[str, Any]
    when: datetime
    more: str = ""


def schema() -> dict[str, Any]:
    named: dict[str, Any] = {}
    reference = schema_of(Outer, named)
    return {**reference, "components": {"schemas": named}}


def document() -> Any:
    made = Outer(
        "a", None, Colour.RED, "low", (Inner(float("inf")),), (1, "b"), np.array([1.0, np.nan]),
        {"x": 1}, datetime(2026, 1, 1),  # noqa: DTZ001
    )  # fmt: skip
    return with_times(to_plain(made))


def test_what_is_written_is_accepted() -> None:
    jsonschema.validate(document(), schema())


@pytest.mark.parametrize(
    ("name", "value"),
    [("name", None), ("whole", 1.5), ("colour", "blue"), ("side", "left"), ("parts", [{}]),
     ("pair", [1]), ("numbers", "x"), ("anything", [])],
)  # fmt: skip
def test_anything_else_is_not(name: str, value: Any) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document() | {name: value}, schema())


def test_a_type_without_a_form_in_json_is_refused() -> None:
    with pytest.raises(TypeError, match="no form in JSON"):
        schema_of(complex, {})
