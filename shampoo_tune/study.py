"""The nouns of a study and its states. Standard library only.

A *group* is what one study file makes: a *study* per optimizer arm (and replicate). A study holds
*trials*, the points of its search space. A trial is trained in *runs*, one per seed, and a run in
*attempts*: a lost machine makes a new attempt of the same run, never a new trial.
"""

from dataclasses import dataclass
from enum import StrEnum

PROTOCOL_VERSION = 1
PROTOCOL_NAME = "protocol v1, after Nado, Gilmer et al. 2021"


class Goal(StrEnum):
    """Which direction of a metric is better."""

    MAXIMIZE = "maximize"
    MINIMIZE = "minimize"


class Objective(StrEnum):
    """Which value of a run counts: the one at the last step, or the best over the run."""

    FINAL = "final"
    BEST = "best"


class Phase(StrEnum):
    """The protocol's phases, in their order."""

    SEARCH = "search"
    FINALISTS = "finalists"
    FINAL = "final"


class GroupState(StrEnum):
    """Stored state of a group."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    BLOCKED = "blocked"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class RunState(StrEnum):
    """Stored state of a run.

    INFEASIBLE is a verdict on the point and is data; FAILED is an accident of machine or code.
    """

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    INFEASIBLE = "infeasible"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AttemptState(StrEnum):
    """Stored state of one try at a run."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    LOST = "lost"


class Action(StrEnum):
    """What may be asked of a group's controller."""

    PAUSE = "pause"
    CANCEL = "cancel"


_PHASE_OFFSET = {Phase.SEARCH: 0, Phase.FINALISTS: 100_000, Phase.FINAL: 200_000}


def run_seed(replicate: int, phase: Phase, index: int) -> int:
    """The seed of a run: every replicate, phase and index has its own.

    `index` is the trial's index in the search phase, else the seed's position in the list that all
    arms of a group share, so that arms are paired.
    """
    if not 0 <= index < 100_000:
        raise ValueError(f"index must be in [0, 100000), got {index}")
    return 1_000_000 * replicate + _PHASE_OFFSET[phase] + index


def study_name(group: str, arm: str, replicate: int = 0) -> str:
    """`group/arm`, and `group/arm#r` for replicate r > 0."""
    return f"{group}/{arm}" + (f"#{replicate}" if replicate else "")


@dataclass(frozen=True)
class Budget:
    """What every arm of a group may spend.

    Attributes:
        steps: training steps of a run.
        trials: points of a study.
        finalists: trials that are run again with fresh seeds.
        finalist_seeds: seeds of each finalist.
        seeds: fresh seeds of the winner.
        eval_every: steps between evaluations; the last step is always evaluated.
        studies: independent replicates of every study.
    """

    steps: int
    trials: int
    finalists: int = 3
    finalist_seeds: int = 5
    seeds: int = 50
    eval_every: int = 5
    studies: int = 1


@dataclass(frozen=True)
class Measurement:
    """The metrics of one run at one step."""

    step: int
    metrics: dict[str, float]
