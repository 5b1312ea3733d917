"""The outermost keys of a study file, and the two of them that are no sections."""

import re
from typing import Any

from shampoo_tune.tuner.study_file.problems import Problems, show

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
NAME_RULE = "must be made of letters, digits, '_', '-' and '.', and begin with a letter or a digit"
REQUIRED = {
    "version": "write version: 1",
    "name": "for example name: resnet",
    "workload": "for example workload: {name: resnet_digits}",
    "budget": "for example budget: {steps: 40}",
    "optimizers": "for example optimizers: {shampoo: {learning_rate: 0.1}}",
}
OPTIONAL = ("parent", "metric", "target", "search", "schedule", "shared")


def check_root(problems: Problems, data: dict[str, Any]) -> None:
    """Adds unknown and missing keys, and what is wrong with `version` and `name`."""
    for key, value in data.items():
        if key not in (*REQUIRED, *OPTIONAL):
            problems.unknown_key((key,), value, (*REQUIRED, *OPTIONAL))
    for key, hint in REQUIRED.items():
        if key not in data:
            problems.missing_key((key,), hint)
    version, name = data.get("version", 1), data.get("name", "x")
    if version != 1 or isinstance(version, bool):
        problems.add(("version",), f"must be 1, got {show(version)}", version)
    if not isinstance(name, str):
        rule = f"must be a text, got {show(name)}"
        problems.add(("name",), rule, name, "put quotes around it")
    elif not NAME.fullmatch(name):
        problems.add(("name",), f"{NAME_RULE}, got {show(name)}", name)
