"""An arm with its replicates: what is compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from shampoo_tune.storage import queries
from shampoo_tune.storage.results import Cost, cost_of
from shampoo_tune.study import Objective
from shampoo_tune.tuner.comparison.ledger import Ledger, read_ledger
from shampoo_tune.tuner.samplers import ADAPTIVE_SAMPLERS
from shampoo_tune.tuner.statistics.medians import median
from shampoo_tune.tuner.study_data import StudyData
from shampoo_tune.tuner.study_loading import load_studies


@dataclass(frozen=True)
class Contender:
    """One arm of one group.

    Attributes:
        name: the arm, with its group before it when several groups are compared.
        studies: its replicates, in their order.
        costs: of each replicate.
        ledger: what the arm has spent over its lineage.
        document: the group's study file.
        protocol: the protocol's version.
    """

    name: str
    studies: tuple[StudyData, ...]
    costs: tuple[Cost, ...]
    ledger: Ledger
    document: Mapping[str, Any]
    protocol: int

    @property
    def first(self) -> StudyData:
        """Replicate 0, or the lowest there is: all share budget, metric and space."""
        return self.studies[0]

    @property
    def complete(self) -> bool:
        """Whether every replicate has all its verdicts."""
        return all(study.complete for study in self.studies)

    @property
    def judged(self) -> bool:
        """Whether every replicate has a winner; without a feasible trial there is none."""
        return all(len(study.final) for study in self.studies)

    @property
    def replication(self) -> bool:
        """Whether its points were given by the file, not searched."""
        return self.first.replication

    @property
    def adaptive(self) -> bool:
        """Whether later points were chosen by earlier values."""
        return self.first.sampler in ADAPTIVE_SAMPLERS

    @property
    def final_medians(self) -> NDArray[np.float64]:
        """Shape [replicates]: the median over the final seeds of each.

        All must be complete and judged.
        """
        return np.array([median(study.final) for study in self.studies])

    def facts(self, name: str) -> str:
        """Execution facts such as `device_kinds`, over all runs, in one text."""
        seen = sorted({fact for cost in self.costs for fact in getattr(cost, name)})
        return ", ".join(seen) or "unknown"


def read_contenders(
    connection: Connection, groups: Sequence[str], objective: Objective | None = None
) -> list[Contender]:
    """The arms of the groups, in the order of their files.

    Raises:
        NotFoundError: there is no such group.
    """
    contenders = []
    for name in dict.fromkeys(groups):
        group = queries.require_group(connection, name)
        studies = load_studies(connection, name, objective)
        for arm in dict.fromkeys(study.arm for study in studies):
            replicates = tuple(study for study in studies if study.arm == arm)
            contenders.append(
                Contender(
                    name=arm if len(set(groups)) == 1 else f"{name}/{arm}",
                    studies=replicates,
                    costs=tuple(cost_of(connection, study.id) for study in replicates),
                    ledger=read_ledger(connection, name, arm),
                    document=group.document,
                    protocol=group.provenance["protocol"]["version"],
                )
            )
    return contenders
