"""View data in JSON's types: None stands for what is infinite or not known."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np


def to_plain(value: Any) -> Any:
    """The value in dictionaries, lists, texts and finite numbers."""
    if isinstance(value, float):  # the most frequent by far
        return float(value) if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, np.ndarray):
        return _plain_array(value)
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, np.generic):
        return to_plain(value.item())
    return value


def _plain_array(array: np.ndarray[Any, Any]) -> Any:
    if array.ndim > 1:
        return [_plain_array(row) for row in array]
    if array.dtype.kind != "f" or np.isfinite(array).all():
        return array.tolist()
    return [item if finite else None for item, finite in zip(
        array.tolist(), np.isfinite(array).tolist(), strict=True)]  # fmt: skip
