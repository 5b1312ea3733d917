"""View data in JSON's types."""

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.plain import to_plain


@dataclass(frozen=True)
class Thing:
    goal: Goal
    array: Any
    inner: Any


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.array([1.0, math.inf, -math.inf, math.nan]), [1.0, None, None, None]),
        (np.array([[1.0, math.nan]]), [[1.0, None]]),
        (np.array([1, 2]), [1, 2]),
        (np.array([], float), []),
        (np.float64(0.5), 0.5),
        (np.float64("nan"), None),
        (np.int64(3), 3),
        ({1: (math.inf, 2)}, {"1": [None, 2]}),
        (None, None),
        (True, True),
        ("text", "text"),
    ],
)
def test_what_is_not_finite_becomes_none(value: Any, plain: Any) -> None:
    assert to_plain(value) == plain
    assert json.loads(json.dumps(to_plain(value), allow_nan=False)) == plain


def test_dataclasses_become_dictionaries_at_any_depth() -> None:
    thing = Thing(Goal.MAXIMIZE, np.array([math.nan]), Thing(Goal.MINIMIZE, (), {}))
    assert to_plain(thing) == {
        "goal": "maximize",
        "array": [None],
        "inner": {"goal": "minimize", "array": [], "inner": {}},
    }
