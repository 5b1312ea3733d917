"""What `compare` answers, put together: gate, ledger, table, pairs, verdict."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection

from shampoo_tune.study import Objective
from shampoo_tune.tuner.comparison.contender import Contender, read_contenders
from shampoo_tune.tuner.comparison.gate import Inequality, inequalities, mixed_facts
from shampoo_tune.tuner.comparison.ledger import Ledger
from shampoo_tune.tuner.comparison.pairs import Pair, compare_pairs
from shampoo_tune.tuner.comparison.table import ArmRow, arm_row
from shampoo_tune.tuner.comparison.verdict import obstacle, verdict
from shampoo_tune.tuner.ladder.reading import read_ladders
from shampoo_tune.tuner.ladder.result import LadderResult, UnfinishedLadder

_TOTALS = ("trials", "search_steps", "runs", "attempts", "trained_steps", "seconds")


@dataclass(frozen=True)
class Comparison:
    """The arms of one or more groups side by side.

    Attributes:
        groups: their names.
        title: the workload in words.
        metric: what is compared.
        goal: which direction is better.
        target: what counts as reached, or None.
        resolution: what one example of the validation split is worth, or None.
        verdict: a sentence.
        conclusive: False if something forbids a verdict.
        condition_met: whether it was asked to compare in spite of that.
        inequalities: what should be equal and is not.
        remarks: sentences on mixed devices or versions.
        rows: by arm.
        ledgers: arm -> what it has spent.
        pairs: all pairs of arms; empty unless conclusive.
        ladders: those that a group is a rung of, in full.
    """

    groups: tuple[str, ...]
    title: str
    metric: str
    goal: str
    target: float | None
    resolution: float | None
    verdict: str
    conclusive: bool
    condition_met: bool
    inequalities: tuple[Inequality, ...]
    remarks: tuple[str, ...]
    rows: tuple[ArmRow, ...]
    ledgers: Mapping[str, Ledger]
    pairs: tuple[Pair, ...]
    ladders: tuple[LadderResult | UnfinishedLadder, ...]

    def to_json(self) -> dict[str, Any]:
        """The document that `--json` prints: None for unknown and infinite."""
        document = {"schema": "shampoo-tune/compare/v1", **asdict(replace(self, ladders=()))}
        document["ledgers"] = {
            name: {**asdict(ledger), **{key: getattr(ledger, key) for key in _TOTALS}}
            for name, ledger in self.ledgers.items()
        }
        document["ladders"] = [ladder.to_json() for ladder in self.ladders]
        plain: dict[str, Any] = _plain(document)
        return plain


def compare_groups(
    connection: Connection,
    groups: Sequence[str],
    *,
    objective: Objective | None = None,
    allow_unequal: bool = False,
) -> Comparison:
    """Compare all arms of the groups.

    Args:
        connection: a read transaction.
        groups: their names; the order of the arms is theirs and their files'.
        objective: another objective than the files'.
        allow_unequal: show search values as the best of equally many trials in spite of unequal
            budgets.

    Raises:
        NotFoundError: there is no such group.
    """
    contenders = read_contenders(connection, groups, objective)
    ladders = read_ladders(connection, groups)
    return compare_contenders(contenders, ladders, allow_unequal=allow_unequal)


def compare_contenders(
    contenders: Sequence[Contender],
    ladders: Sequence[LadderResult | UnfinishedLadder],
    *,
    allow_unequal: bool = False,
) -> Comparison:
    """The same for arms that were read already."""
    unequal = inequalities(contenders)
    forbids = obstacle(contenders, unequal, allow_unequal=allow_unequal)
    largest_k = min(c.first.trials for c in contenders)
    rows = [arm_row(contender, largest_k) for contender in contenders]
    judged = [c for c in contenders if not c.replication]
    pairs = [] if forbids else compare_pairs(judged)
    first = contenders[0].first
    return Comparison(
        groups=tuple(dict.fromkeys(c.first.group for c in contenders)),
        title=f"{first.description}; {first.steps} steps a run",
        metric=first.metric,
        goal=first.goal,
        target=first.target,
        resolution=first.resolution,
        verdict=forbids.sentence if forbids else verdict(contenders, rows, pairs),
        conclusive=forbids is None,
        condition_met=forbids is None or forbids.accepted,
        inequalities=tuple(unequal),
        remarks=tuple(mixed_facts(contenders)),
        rows=tuple(rows),
        ledgers={c.name: c.ledger for c in contenders},
        pairs=tuple(pairs),
        ladders=tuple(ladders),
    )


def _plain(value: Any) -> Any:
    """The value in JSON's types, None for what is not finite."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return value
