"""Whether two trainings must have the same bits: by what each told of its code and its machine."""

from collections.abc import Iterator, Mapping
from typing import Any

RECORDED = "recorded_from_outside"
_PACKAGES = ("shampoo-tune", "jax", "jaxlib", "optax", "flax", "numpy")
_EQUAL = {
    "device_kind": "device kind",
    "device_count": "number of devices",
    "threads": "thread settings",
    "workload_package": "package of the workload",
}


def why_other_bits(there: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[str]:
    """Every reason for which bits may differ; none if they must not.

    Args:
        there: execution facts of the stored run.
        here: those of its second training.
    """
    if there.get(RECORDED):
        yield "it was recorded from outside, and nothing is known of its machine"
        return
    if "device_kind" not in there:
        yield "what a program computes with is not known"
        return
    for name in _PACKAGES:
        versions = [facts.get("packages", {}).get(name) for facts in (there, here)]
        yield from _differ(name, *versions)
    yield from _code(there.get("git"), here.get("git"))
    for name, words in _EQUAL.items():
        yield from _differ(words, there.get(name), here.get(name))
    yield from _processor(there, here)


def _differ(what: str, there: Any, here: Any) -> Iterator[str]:
    if there != here:
        yield f"{what}: {there} there, {here} here"


def _code(there: Mapping[str, Any] | None, here: Mapping[str, Any] | None) -> Iterator[str]:
    commits = [git["commit"][:12] if git else "an installed package" for git in (there, here)]
    if commits[0] != commits[1]:
        yield f"code: {commits[0]} there, {commits[1]} here"
    elif any(git and git["dirty"] for git in (there, here)):
        yield "code with uncommitted changes"


def _processor(there: Mapping[str, Any], here: Mapping[str, Any]) -> Iterator[str]:
    """XLA compiles for the processor at hand, whose name earlier versions did not tell."""
    stored = there.get("processor")
    if stored is None and there.get("host") == here.get("host"):
        return
    yield from _differ("processor", stored, here.get("processor"))
