"""V1, studies: one line each, from counts and stored medians alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from shampoo_tune.storage.progress import Revision
from shampoo_tune.study import Goal, GroupState, RunState
from shampoo_tune.tuner.formatting import UNKNOWN, show_examples, show_value
from shampoo_tune.tuner.report.standing import Standing, standing, standing_words
from shampoo_tune.tuner.summary import StudySummary, summarize_study
from shampoo_tune.workloads.known import resolution_of


@dataclass(frozen=True)
class StudyLine:
    """A study as the list shows it.

    Attributes:
        study: its name, `group/arm`.
        group: its group's name.
        arm: the key in the study file.
        workload: what is trained.
        metric: what is compared.
        goal: which direction is better.
        target: what counts as reached, or None.
        steps: of every run.
        state: derived from its runs.
        phase: the latest that has runs.
        runs_done: runs with a verdict.
        runs_total: runs that the budget allows.
        trials: points of the design.
        infeasible: trials whose search run is infeasible.
        failed: runs that must be repeated before there is a verdict.
        seeds_done: final runs with a verdict.
        seeds: final runs of the budget.
        median: over the final seeds; None until all are in, and where it falls on an infeasible
            run.
        ci_low: lower end of its 95 % interval over seeds.
        ci_high: its upper end.
        reached: seeds at or past the target.
        resolution: what one example is worth, or None.
        standing: of the median to the target.
        created_at: when the group was made.
    """

    study: str
    group: str
    arm: str
    workload: str
    metric: str
    goal: Goal
    target: float | None
    steps: int
    state: str
    phase: str
    runs_done: int
    runs_total: int
    trials: int
    infeasible: int
    failed: int
    seeds_done: int
    seeds: int
    median: float | None
    ci_low: float | None
    ci_high: float | None
    reached: int | None
    resolution: float | None
    standing: Standing
    created_at: datetime

    @property
    def result(self) -> str:
        """The median for people, with the examples that it stands for."""
        if self.median is None:
            return UNKNOWN
        examples = show_examples(self.median, self.resolution)
        return show_value(self.median, self.resolution) + (f" ({examples})" if examples else "")

    @property
    def interval(self) -> str:
        """The interval for people."""
        if self.ci_low is None or self.ci_high is None:
            return UNKNOWN
        ends = (show_value(end, self.resolution) for end in (self.ci_low, self.ci_high))
        return f"[{', '.join(ends)}]"

    @property
    def verdict(self) -> str:
        """A few words: the standing, or what is still missing."""
        if self.failed:
            return f"blocked by {self.failed} failed {'run' if self.failed == 1 else 'runs'}"
        if self.standing is Standing.PENDING and self.state in ("running", "queued", "paused"):
            return f"no verdict yet: {self.phase} phase" if self.runs_done else "not begun"
        if self.standing is Standing.NO_TARGET or self.target is None or self.reached is None:
            return standing_words(self.standing, self.target)
        words = standing_words(self.standing, self.target)
        return f"{words} ({self.reached} of {self.seeds_done} seeds)"


def study_line(connection: Connection, row: Row[Any], revision: Revision) -> StudyLine:
    """The line of a row of `progress.all_studies`."""
    summary, counts = summarize_study(connection, row), dict(revision)
    complete = summary.reached is not None or summary.median is not None
    complete = complete or (row.target is None and summary.seeds == row.seeds)
    goal = Goal(row.goal)
    return StudyLine(
        group=row.name.split("/", 1)[0],
        arm=row.arm,
        workload=row.workload,
        goal=goal,
        failed=counts.get(RunState.FAILED, 0),
        seeds_done=summary.seeds,
        seeds=row.seeds,
        resolution=resolution_of(row.workload, row.metric),
        standing=standing(summary.ci_low, summary.ci_high, row.target, goal, complete=complete),
        state=_state(row, summary, complete=complete),
        created_at=row.created_at,
        **{name: getattr(summary, name) for name in _SHARED},
    )


_SHARED: Mapping[str, None] = dict.fromkeys(
    name for name in StudyLine.__dataclass_fields__ if name in StudySummary.__dataclass_fields__
    and name not in ("seeds", "state")
)  # fmt: skip


def _state(row: Row[Any], summary: StudySummary, *, complete: bool) -> str:
    """Between two phases no run is queued, and yet the study goes on if any trial is feasible."""
    between = summary.state == GroupState.COMPLETED and not complete and summary.best is not None
    goes_on = row.group_state in (GroupState.QUEUED, GroupState.RUNNING)
    return GroupState.RUNNING.value if between and goes_on else summary.state
