"""The gate: arms are compared only if all that may decide but the optimizer is the same.

Every difference is listed, never just the first.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from shampoo_tune.tuner.comparison.contender import Contender


def _budget(key: str, contender: Contender) -> object:
    return contender.document["budget"][key]


_BUDGET = ("steps", "trials", "finalists", "finalist_seeds", "seeds", "eval_every", "studies")

# What must be equal -> how to read it, as it is shown.
_EQUAL: dict[str, Callable[[Contender], object]] = {
    "workload": lambda c: c.document["workload"]["name"],
    "workload fingerprint": lambda c: c.facts("workload_fingerprints"),
    "batch size": lambda c: c.document["workload"]["batch_size"],
    "label smoothing": lambda c: c.document["shared"]["label_smoothing"],
    "metric": lambda c: f"{c.first.metric}, {c.first.goal}, {c.document['metric']['objective']}",
    "target": lambda c: c.first.target,
    **{key.replace("_", " "): partial(_budget, key) for key in _BUDGET},
    # Arms are paired by seed, which the replicate's number decides.
    "replicates": lambda c: [study.replicate for study in c.studies],
    # A ladder's hopeless rungs stop early.
    "final seeds that were trained": lambda c: [len(study.final) for study in c.studies],
    "protocol version": lambda c: c.protocol,
    "device kind": lambda c: c.facts("device_kinds"),
    "trials over the lineage": lambda c: c.ledger.trials,
    "search steps over the lineage": lambda c: c.ledger.search_steps,
}


@dataclass(frozen=True)
class Inequality:
    """Something that should be equal and is not; `values` by contender."""

    what: str
    values: dict[str, str]

    def __str__(self) -> str:
        return f"{self.what}: " + ", ".join(f"{name} {v}" for name, v in self.values.items())


def inequalities(contenders: Sequence[Contender]) -> list[Inequality]:
    """Everything that forbids a comparison; empty if nothing does."""
    return [item for item in _differing(contenders) if len(set(item.values.values())) > 1]


def _differing(contenders: Sequence[Contender]) -> Iterator[Inequality]:
    for what, read in _EQUAL.items():
        yield Inequality(what, {c.name: str(read(c)) for c in contenders})


def mixed_facts(contenders: Sequence[Contender]) -> list[str]:
    """Sentences on arms whose runs did not all have the same device and library version."""
    return [
        f"{c.name} mixes {what}: {c.facts(name)}"
        for c in contenders
        for what, name in (("device kinds", "device_kinds"), ("jaxlib versions", "jaxlibs"))
        if ", " in c.facts(name)
    ]
