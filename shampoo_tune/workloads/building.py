"""Builds the workload of an installed package; imports JAX and the package."""

import dataclasses
import importlib
from typing import Any

from shampoo_tune.workloads.checking import check_values, check_workload
from shampoo_tune.workloads.installed import blamed, load_entry
from shampoo_tune.workloads.workload import PyTree, Workload


def build_installed(name: str, batch_size: int, **arguments: Any) -> Workload:
    """The workload of that name, checked.

    Raises:
        InvalidInputError: its package is broken, or what it builds is no workload; `evaluate`
            raises the same if it returns what it should not.
    """
    entry = load_entry(name)
    module, _, function = entry.factory.partition(":")
    with blamed(name):
        made = getattr(importlib.import_module(module), function)(batch_size, **arguments)
        workload = check_workload(made, name, entry, batch_size)

    def evaluate(params: PyTree, model_state: PyTree, split: str) -> dict[str, float]:
        values = workload.evaluate(params, model_state, split)  # its own errors are a run's
        with blamed(name):
            check_values(values, split, entry)
        return values

    return dataclasses.replace(workload, evaluate=evaluate)
