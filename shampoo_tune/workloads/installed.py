"""Workloads of other packages, found by their entry points.

A package names each of them in its `pyproject.toml`, and the name is that of study files:

    [project.entry-points."shampoo_tune.workloads"]
    softmax_digits = "softmax_digits:ENTRY"

What an entry point refers to is a `WorkloadEntry`, in a module that imports nothing heavy: names
are listed from the packages' metadata, and only the module of a workload that is asked for is
imported. Its `factory` may import JAX; it is called where the workload is trained.
"""

import functools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.metadata import EntryPoint, entry_points
from itertools import groupby

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.study import Goal
from shampoo_tune.workloads import WorkloadEntry
from shampoo_tune.workloads.arguments import Argument

GROUP = "shampoo_tune.workloads"


@dataclass(frozen=True)
class Package:
    """An installed distribution."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


@functools.cache
def installed() -> dict[str, tuple[EntryPoint, ...]]:
    """The entry points by the name of their workload; nothing is imported."""
    points = sorted(entry_points(group=GROUP), key=lambda p: (p.name, str(package_of(p))))
    return {name: tuple(same) for name, same in groupby(points, lambda point: point.name)}


def package_of(point: EntryPoint) -> Package:
    """The package that an entry point belongs to."""
    if point.dist is None:
        raise AssertionError("entry points of the environment belong to a distribution")
    return Package(point.dist.name, point.dist.version)


def package_facts(name: str) -> dict[str, dict[str, str]]:
    """Name and version of a workload's package, as provenance; nothing for a workload of ours."""
    if name not in installed():
        return {}
    return {"package": asdict(package_of(the_only(name)))}


def the_only(name: str) -> EntryPoint:
    """The entry point of an installed workload.

    Raises:
        InvalidInputError: several packages have one of this name.
    """
    point, *others = installed()[name]
    if others:
        both = " and ".join(str(package_of(p)) for p in (point, *others))
        raise InvalidInputError(
            f"the packages {both} all have a workload {name!r}: uninstall all but one, or rename"
            " an entry point"
        )
    return point


def refuse_replacement(name: str) -> None:
    """Refuse packages that have a workload of a name of ours.

    Raises:
        InvalidInputError: it names the package.
    """
    for point in installed().get(name, ()):
        package = package_of(point)
        raise InvalidInputError(
            f"the package {package} has a workload {name!r}, which is a name of shampoo-tune's own:"
            f" rename its entry point, or `pip uninstall {package.name}`"
        )


def load_entry(name: str) -> WorkloadEntry:
    """What a package says of its workload; imports the entry point's module.

    Raises:
        InvalidInputError: it cannot be imported or is no valid entry.
    """
    with blamed(name):
        entry = the_only(name).load()
        _check_entry(entry)
        loaded: WorkloadEntry = entry
        return loaded


@contextmanager
def blamed(name: str) -> Iterator[None]:
    """Whatever goes wrong in the block is told as a fault of the workload's package."""
    package = package_of(the_only(name))
    try:
        yield
    except Exception as error:
        what = str(error) if isinstance(error, InvalidInputError) else repr(error)
        raise InvalidInputError(
            f"workload {name!r} of the package {package}: {what}; repair the package (see"
            f" docs/own_workload.md), or `pip uninstall {package.name}`"
        ) from error


def _check_entry(entry: object) -> None:
    """Raises InvalidInputError with the first rule that is broken."""
    if not isinstance(entry, WorkloadEntry):
        raise InvalidInputError(
            "the entry point must refer to a shampoo_tune.workloads.WorkloadEntry,"
            f" got {type(entry).__name__}"
        )
    module, _, function = str(entry.factory).partition(":")
    rules = {
        "factory must be 'module:function'": bool(module) and function.isidentifier(),
        "metrics must be a tuple of names": _is_tuple_of_names(entry.metrics),
        "metric must be one of metrics": entry.metric in entry.metrics,
        "metric must not be of the test split": not entry.metric.startswith("test_"),
        "goal must be a shampoo_tune.study.Goal": isinstance(entry.goal, Goal),
        "arguments must map names to shampoo_tune.workloads.arguments.Argument": _is_arguments(
            entry.arguments
        ),
        "batch_size must be a whole number >= 1": type(entry.batch_size) is int
        and entry.batch_size >= 1,
    }
    for rule, holds in rules.items():
        if not holds:
            value = getattr(entry, rule.partition(" ")[0])
            raise InvalidInputError(f"{rule}, got {value!r}")


def _is_arguments(value: object) -> bool:
    """None leaves the check to the factory."""
    if value is None:
        return True
    return isinstance(value, Mapping) and all(isinstance(a, Argument) for a in value.values())


def _is_tuple_of_names(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(name, str) for name in value)
