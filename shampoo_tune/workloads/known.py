"""Every workload that a study file may name: ours, a program, those of installed packages."""

from collections.abc import Iterator, Mapping

from shampoo_tune.study import Goal
from shampoo_tune.workloads import WORKLOADS, WorkloadEntry
from shampoo_tune.workloads.installed import installed, load_entry, refuse_replacement

PROGRAM = "program"
_OURS: dict[str, WorkloadEntry] = {
    **WORKLOADS,
    # What it measures is for the study file to say.
    PROGRAM: WorkloadEntry(
        "",
        "A program of the user's own",
        metrics=(),
        metric="valid_loss",
        goal=Goal.MINIMIZE,
        target=None,
        batch_size=1,
        arguments={},
    ),
}


class KnownWorkloads(Mapping[str, WorkloadEntry]):
    """By name. Listing names imports nothing; looking one up imports its entry point's module.

    A lookup raises InvalidInputError if the workload's package is broken, or takes another's name.
    """

    def __getitem__(self, name: str) -> WorkloadEntry:
        if name in _OURS:
            refuse_replacement(name)
            return _OURS[name]
        if name not in installed():
            raise KeyError(name)
        return load_entry(name)

    def __contains__(self, name: object) -> bool:
        return name in _OURS or name in installed()

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*_OURS, *installed())))

    def __len__(self) -> int:
        return len(list(iter(self)))


KNOWN_WORKLOADS = KnownWorkloads()


def resolution_of(workload: str, metric: str) -> float | None:
    """What one example is worth; None for a loss, and for a workload that is not installed here."""
    known = KNOWN_WORKLOADS.get(workload)
    return known.resolution(metric) if known else None
