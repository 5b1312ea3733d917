"""Every workload that a study file may name: ours, then those of installed packages."""

from collections.abc import Iterator, Mapping

from shampoo_tune.workloads import WORKLOADS, WorkloadEntry
from shampoo_tune.workloads.installed import installed, load_entry, refuse_replacement


class KnownWorkloads(Mapping[str, WorkloadEntry]):
    """By name. Listing names imports nothing; looking one up imports its entry point's module.

    A lookup raises InvalidInputError if the workload's package is broken, or takes another's name.
    """

    def __getitem__(self, name: str) -> WorkloadEntry:
        if name in WORKLOADS:
            refuse_replacement(name)
            return WORKLOADS[name]
        if name not in installed():
            raise KeyError(name)
        return load_entry(name)

    def __contains__(self, name: object) -> bool:
        return name in WORKLOADS or name in installed()

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*WORKLOADS, *installed())))

    def __len__(self) -> int:
        return len(list(iter(self)))


KNOWN_WORKLOADS = KnownWorkloads()
