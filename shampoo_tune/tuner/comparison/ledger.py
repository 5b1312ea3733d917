"""What an arm has spent over its whole lineage: every run of every round, whatever became of it.

A round that was refined into the next one, cancelled or left behind tried points all the same, and
what it taught went into the next round's space. So budgets are compared over the lineage.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.storage import queries
from shampoo_tune.storage.results import cost_of
from shampoo_tune.study import Phase, RunState
from shampoo_tune.tuner.lineage import lineage


@dataclass(frozen=True)
class Round:
    """One group's share in an arm's ledger; runs that were never begun are not in it.

    Attributes:
        group: its name.
        search: runs of the search phase, over all replicates.
        finalists: runs of the finalists phase.
        final: runs of the final phase.
        cancelled: those of all these that came to no verdict.
        attempts: tries at these runs, lost ones too.
        steps_a_run: the step budget.
        trained_steps: what was really trained, in all attempts.
        seconds: wall time of all attempts.
    """

    group: str
    search: int
    finalists: int
    final: int
    cancelled: int
    attempts: int
    steps_a_run: int
    trained_steps: int
    seconds: float


@dataclass(frozen=True)
class Ledger:
    """All rounds of one arm, the latest last."""

    rounds: tuple[Round, ...]

    @property
    def trials(self) -> int:
        """Points tried."""
        return sum(r.search for r in self.rounds)

    @property
    def search_steps(self) -> int:
        """Steps granted to the search: what makes a search equal to another."""
        return sum(r.search * r.steps_a_run for r in self.rounds)

    @property
    def runs(self) -> int:
        """Runs of all phases."""
        return sum(r.search + r.finalists + r.final for r in self.rounds)

    @property
    def attempts(self) -> int:
        """Tries at these runs."""
        return sum(r.attempts for r in self.rounds)

    @property
    def trained_steps(self) -> int:
        """Steps that were really trained."""
        return sum(r.trained_steps for r in self.rounds)

    @property
    def seconds(self) -> float:
        """Wall seconds of all attempts, one worker each."""
        return sum(r.seconds for r in self.rounds)


def read_ledger(connection: Connection, group_name: str, arm: str) -> Ledger:
    """The ledger of one arm of a group and of the groups it was refined from."""
    rounds = []
    for group in lineage(connection, group_name):
        studies = [s for s in queries.studies_of(connection, group.id) if s.arm == arm]
        if studies:
            rounds.append(_round(connection, group.name, studies))
    return Ledger(tuple(rounds[::-1]))


def _round(connection: Connection, group: str, studies: list[Row[Any]]) -> Round:
    costs = [cost_of(connection, study.id) for study in studies]
    begun = dict.fromkeys(Phase, 0)
    cancelled = 0
    for cost in costs:
        for (phase, state), count in cost.runs.items():
            begun[phase] += count if state is not RunState.QUEUED else 0
            cancelled += count if state in (RunState.CANCELLED, RunState.FAILED) else 0
    return Round(
        group=group,
        search=begun[Phase.SEARCH],
        finalists=begun[Phase.FINALISTS],
        final=begun[Phase.FINAL],
        cancelled=cancelled,
        attempts=sum(cost.attempts for cost in costs),
        steps_a_run=studies[0].steps,
        trained_steps=sum(cost.trained_steps for cost in costs),
        seconds=sum(cost.seconds for cost in costs),
    )
