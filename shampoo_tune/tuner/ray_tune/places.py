"""Where in a cluster a run can train: a share of one machine, or the hosts of a TPU slice."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from shampoo_tune.errors import InvalidInputError

SLICE_NAME, POD_TYPE = "ray.io/tpu-slice-name", "ray.io/tpu-pod-type"  # Ray labels TPU hosts so
# The number in a pod's type counts cores; these have one core a chip, the others two.
_ONE_CORE_A_CHIP = ("v5litepod", "v6e")

Node = Mapping[str, Any]  # as `ray.nodes()` lists them


@dataclass(frozen=True)
class Place:
    """Resources for one run at a time.

    Attributes:
        number: tells it from others with the same resources.
        bundles: of a placement group; a slice has a first one for the actor that leads its hosts.
        slice_name: of a TPU slice, to which the bundles are bound.
    """

    number: int
    bundles: tuple[tuple[tuple[str, float], ...], ...]
    slice_name: str | None = None

    @classmethod
    def of(
        cls, number: int, bundles: Iterable[Mapping[str, float]], slice_name: str | None = None
    ) -> Self:
        """A place with these bundles."""
        return cls(number, tuple(tuple(sorted(b.items())) for b in bundles), slice_name)


def shares(nodes: Iterable[Node], resources: Mapping[str, float]) -> list[Place]:
    """A place for each time that a machine has these resources."""
    rooms = [
        min(int(node["Resources"].get(name, 0) // amount) for name, amount in resources.items())
        for node in nodes
        if node["Alive"]
    ]
    return [Place.of(number, [resources]) for number in range(sum(rooms))]


def slices(nodes: Iterable[Node], topology: str) -> list[Place]:
    """A place for each whole slice of a type such as `v4-16`."""
    hosts: dict[str, list[float]] = defaultdict(list)
    for node in nodes:
        labels = node.get("Labels") or {}
        if node["Alive"] and labels.get(POD_TYPE) == topology:
            hosts[labels[SLICE_NAME]].append(node["Resources"].get("TPU", 0))
    head = {f"TPU-{topology}-head": 1.0}
    return [
        Place.of(0, [head, *({"TPU": chips} for chips in of_slice)], name)
        for name, of_slice in sorted(hosts.items())
        if sum(of_slice) == chips_of(topology)
    ]


def chips_of(topology: str) -> int:
    """Chips of a slice of this type.

    Raises:
        InvalidInputError: it is no such type.
    """
    match = re.fullmatch(r"(v\d+[a-z]*)-(\d+)", topology)
    if not match:
        raise InvalidInputError(
            f"topology {topology!r}: write generation and size as Google names them, such as v4-16"
        )
    generation, size = match.groups()
    return int(size) if generation in _ONE_CORE_A_CHIP else int(size) // 2


@dataclass(frozen=True)
class Request:
    """What of a cluster is asked for.

    Attributes:
        workers: runs at a time at most; None for as many as there is room for.
        resources: of a run on one machine.
        topology: a TPU slice's type, such as `v4-16`, if a run has a whole slice.
    """

    workers: int | None = None
    resources: Mapping[str, float] = field(default_factory=lambda: {"CPU": 1.0})
    topology: str | None = None

    @classmethod
    def of(cls, workers: int | None, resources: Sequence[str], topology: str | None) -> Self:
        """A request as it is written on the command line.

        Raises:
            InvalidInputError: something is not written as it should be.
        """
        if topology is not None:
            chips_of(topology)
            if resources:
                raise InvalidInputError("--resources: a run with a --topology has all of its hosts")
        return cls(workers, _parse_resources(resources), topology)

    def places(self, nodes: Sequence[Node]) -> list[Place]:
        """Where runs can train on these machines."""
        if self.topology:
            return slices(nodes, self.topology)[: self.workers]
        return shares(nodes, self.resources)[: self.workers]

    def __str__(self) -> str:
        if self.topology:
            return f"whole {self.topology} slice"
        return "machine with " + ", ".join(f"{k} {v:g}" for k, v in self.resources.items())


def _parse_resources(texts: Sequence[str]) -> dict[str, float]:
    """Resources from `NAME=AMOUNT` texts; one CPU unless they say otherwise."""
    resources = {"CPU": 1.0}
    for text in texts:
        name, equals, amount = text.partition("=")
        try:
            resources[name] = float(amount)
        except ValueError:
            equals = ""
        if not (name and equals and resources[name] > 0):
            raise InvalidInputError(f"resources {text!r}: write NAME=AMOUNT, such as TPU=4")
    return resources
