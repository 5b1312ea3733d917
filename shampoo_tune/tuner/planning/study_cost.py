"""What all runs of a study file cost, from seconds of a step."""

from dataclasses import dataclass
from typing import Any

from shampoo_tune.study import Budget
from shampoo_tune.tuner.planning.arm_plan import ArmPlan, Step


@dataclass(frozen=True)
class Place:
    """Where runs are trained.

    Attributes:
        cores: that a run takes.
        at_once: how many runs train at a time.
        chips: that all of them take, which is what is paid for; 0 on this machine.
    """

    cores: int
    at_once: int
    chips: int = 0


@dataclass(frozen=True)
class StudyCost:
    """Of all arms and replicates; training and measured evaluations, no data pipeline.

    Attributes:
        runs: all of them.
        core_hours: cores times hours.
        wall_hours: with all places busy.
        checkpoint_bytes: the largest state of each run that trains at a time.
        price: in the unit of the price given; None without one.
    """

    runs: int
    core_hours: float
    wall_hours: float
    checkpoint_bytes: int
    price: float | None

    def to_json(self) -> dict[str, Any]:
        """The contract's numbers."""
        return vars(self)


def runs_of_arm(budget: Budget) -> int:
    """Runs of all phases and replicates of one arm."""
    finalists = min(budget.finalists, budget.trials) * budget.finalist_seeds
    return budget.studies * (budget.trials + finalists + budget.seeds)


def run_seconds(step: Step, budget: Budget) -> float:
    """Seconds of one run. Raises ValueError if a step does not fit."""
    if step.seconds is None:
        raise ValueError("a step that does not fit takes no time")
    evaluations = -(-budget.steps // budget.eval_every)
    return budget.steps * step.seconds + evaluations * step.evaluation_seconds


def study_cost(
    arms: dict[str, ArmPlan], budget: Budget, place: Place, price: float | None
) -> StudyCost | None:
    """What it comes to; None if some arm does not fit.

    Args:
        arms: of the study file.
        budget: of each arm.
        place: where it is trained.
        price: of a chip, or of a core of this machine, for an hour.
    """
    if any(plan.step.seconds is None for plan in arms.values()):
        return None
    runs = runs_of_arm(budget)
    hours = sum(runs * run_seconds(plan.step, budget) for plan in arms.values()) / 3600
    compiling = sum(plan.step.compile_seconds for plan in arms.values()) / 3600
    wall = hours / place.at_once + (0 if place.chips else compiling)
    paid = wall * place.chips if place.chips else hours * place.cores
    return StudyCost(
        runs=runs * len(arms),
        core_hours=hours * place.cores,
        wall_hours=wall,
        checkpoint_bytes=place.at_once * max(plan.step.state_bytes for plan in arms.values()),
        price=None if price is None else price * paid,
    )
