"""What an audit found, in the form that `--json` prints and the terminal shows."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.verifying.link import Link
from shampoo_tune.tuner.verifying.second_training import Outcome, SecondTraining


@dataclass(frozen=True)
class Verification:
    """An audit.

    Attributes:
        group: what was audited.
        source: `database` or `report`.
        state: of the group.
        digest: sha256 of the evidence; None if a link is broken.
        links: of the chain, in its order.
        seed: that the runs were chosen with.
        chosen: how many were.
        trainable: from so many.
        trainings: those that ended.
        remarks: sentences.
        results: the table of results as the runs have it; None if a link is broken.
    """

    group: str
    source: str
    state: str
    digest: str | None
    links: tuple[Link, ...]
    seed: int
    chosen: int
    trainable: int
    trainings: tuple[SecondTraining, ...]
    remarks: tuple[str, ...]
    results: Table | None

    @property
    def outcomes(self) -> Mapping[Outcome, int]:
        """How many second trainings came out how."""
        return Counter(training.outcome for training in self.trainings)

    @property
    def differences(self) -> int:
        """How much was found that is not what it should be: rows, cells, and whole runs."""
        return sum(len(link.differences) for link in self.links) + self.outcomes[Outcome.DIFFERENT]

    def to_json(self) -> dict[str, Any]:
        """One document; None is unknown."""
        return {
            "schema": "shampoo-tune/verify/v1",
            "group": self.group,
            "source": self.source,
            "state": self.state,
            "holds": not self.differences and not self.outcomes[Outcome.FAILED],
            "digest": self.digest,
            "links": [asdict(link) for link in self.links],
            "seed": self.seed,
            "chosen": self.chosen,
            "trainable": self.trainable,
            "runs": [_run(training) for training in self.trainings],
            "remarks": list(self.remarks),
        }


def _run(training: SecondTraining) -> dict[str, Any]:
    run = training.published.run
    return {
        "study": training.published.study.name,
        "trial": run.trial,
        "phase": run.phase.value,
        "seed": run.seed,
        "outcome": training.outcome.value,
        "reasons": list(training.reasons),
        "differences": [asdict(difference) for difference in training.differences],
        "apart": training.apart,
        "failure": training.failure or None,
    }
