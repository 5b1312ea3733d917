"""docs/python.md: the public names of the package, with signatures and docstrings."""

import inspect
import re
from typing import Any

import shampoo_tune
from scripts.reference.markdown import block
from shampoo_tune import optimizer
from shampoo_tune.workloads import WorkloadEntry
from shampoo_tune.workloads.workload import Workload

_INTRODUCTION = """\
# The Python interface

What is not on this page is private, and changes without a word.
"""


def names() -> str:
    """The page."""
    parts = [_INTRODUCTION, "\n## `shampoo_tune`\n"]
    parts += [
        _of(f"shampoo_tune.{name}", getattr(shampoo_tune, name)) for name in shampoo_tune.__all__
    ]
    parts.append(f"\n## `shampoo_tune.optimizer`\n\n{inspect.getdoc(optimizer)}\n")
    parts += [
        _of(f"shampoo_tune.optimizer.{name}", getattr(optimizer, name))
        for name in optimizer.__all__
    ]
    parts.append("\n## Workloads\n\n[own_workload.md](own_workload.md) shows them in use.\n")
    parts.append(_of("shampoo_tune.workloads.workload.Workload", Workload))
    parts.append(_of("shampoo_tune.workloads.WorkloadEntry", WorkloadEntry))
    return "".join(parts)


def _of(name: str, thing: Any) -> str:
    text = f"\n### `{name}`\n\n{block(_signature(name, thing) + _doc(thing))}"
    if inspect.isclass(thing):
        for method, function in vars(thing).items():
            if inspect.isfunction(function) and not method.startswith("_"):
                text += f"\n#### `.{method}`\n\n"
                text += block(_signature(method, function) + _doc(function))
    return text


def _signature(name: str, thing: Any) -> str:
    """Names and defaults; types are in the source, and look different in each version of Python."""
    parameters = [p for p in inspect.signature(thing).parameters.values() if p.name != "self"]
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    shown = re.sub(r"<function (\w+) at \w+>", r"\1", str(inspect.Signature(bare)))
    return f"{name.rsplit('.', 1)[-1]}{shown}"


def _doc(thing: Any) -> str:
    return f"\n\n{inspect.getdoc(thing) or ''}"
