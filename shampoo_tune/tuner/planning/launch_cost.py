"""Tells what a launch on this machine will cost before it begins, and refuses what is too much."""

from collections.abc import Callable

from shampoo_tune.errors import ConditionNotMetError, InvalidInputError
from shampoo_tune.tuner.formatting import show_hours
from shampoo_tune.tuner.planning.planning import plan_study
from shampoo_tune.tuner.planning.study_cost import runs_of_arm
from shampoo_tune.tuner.study_file.model import Study
from shampoo_tune.workloads.known import PROGRAM

LARGE = 200_000  # steps of all runs: hours, beside which the seconds of timing some are nothing


def check_cost(study: Study, max_core_hours: float | None, say: Callable[[str], None]) -> None:
    """Time steps of a large study, or of one whose cost has a limit, and say what it comes to.

    Args:
        study: a study file; all of its runs count, finished ones too.
        max_core_hours: the limit, if there is one.
        say: told what is timed, and the total.

    Raises:
        ConditionNotMetError: it would cost more than the limit.
        InvalidInputError: a limit of what cannot be timed.
    """
    steps = len(study.arms) * runs_of_arm(study.budget) * study.budget.steps
    if study.workload.name == PROGRAM:
        if max_core_hours is not None:
            raise InvalidInputError("--max-core-hours: the steps of a program cannot be timed")
        return
    if max_core_hours is None and steps < LARGE:
        return
    plan = plan_study(study, None, say=lambda what: say(f"timing {what}"))
    if plan.cost is None:
        raise AssertionError("what was timed does fit")
    hours = plan.cost.core_hours
    runs, wall = plan.cost.runs, show_hours(plan.cost.wall_hours)
    say(f"{runs} runs: about {hours:.2g} core-hours, {wall}")
    if max_core_hours is not None and hours > max_core_hours:
        raise ConditionNotMetError(
            f"{study.name} would take about {hours:.2g} core-hours, more than --max-core-hours"
            f" {max_core_hours:g}: lower budget.steps, trials or seeds"
        )
