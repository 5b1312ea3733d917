"""Plans a study file: a step of each arm, and what all its runs come to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from shampoo_tune.tuner.planning.arm_plan import ArmPlan, Step, compiled_step, measured_step
from shampoo_tune.tuner.planning.chips import Chip, chip_of
from shampoo_tune.tuner.planning.remedy import remedy
from shampoo_tune.tuner.planning.study_cost import Place, StudyCost, study_cost
from shampoo_tune.tuner.study_file.arms import Arm
from shampoo_tune.tuner.study_file.model import Study
from shampoo_tune.tuner.submission import new_trial, points, workload_arguments
from shampoo_tune.tuner.thread_settings import usable_cores


@dataclass(frozen=True)
class Plan:
    """What a study file will cost at one batch size.

    Attributes:
        batch_size: examples of a step.
        arms: by name, in the file's order.
        cost: of all runs; None if some arm does not fit.
        remedy: what would fit then.
    """

    batch_size: int
    arms: dict[str, ArmPlan]
    cost: StudyCost | None
    remedy: str | None

    def to_json(self) -> dict[str, Any]:
        """`arms` and `study` of the contract."""
        arms = {name: plan.to_json() for name, plan in self.arms.items()}
        return {"arms": arms, "study": self.cost.to_json() if self.cost else None}


def plan_study(
    study: Study,
    topology: str | None,
    *,
    at_once: int | None = None,
    price: float | None = None,
    say: Callable[[str], None],
) -> Plan:
    """Compile each arm's step for a slice, or time it on this machine.

    Args:
        study: a study file.
        topology: a TPU slice such as `v3:16x8`; None for this machine.
        at_once: slices, or workers of this machine; by default 1, or one for each core.
        price: of a chip for an hour, or of a core of this machine.
        say: told what is being done, as it takes minutes.

    Raises:
        ShampooTuneError: it cannot be compiled or timed.
    """
    chip = chip_of(topology) if topology else None
    step = partial(compiled_step, topology) if topology else measured_step
    workload = workload_arguments(study)
    say("a step of plain SGD")
    sgd = step(workload, None)
    arms = {}
    for arm in study.arms:
        say(f"a step of {arm.name}")
        arms[arm.name] = ArmPlan(step(workload, first_configuration(study, arm)), sgd, chip)
    place = _place(chip, sgd, at_once)
    cost = study_cost(arms, study.budget, place, price)
    batch_size = study.workload.batch_size
    microbatches = study.workload.args.get("microbatches")
    what_would = None if cost else remedy(arms, batch_size, microbatches)
    return Plan(batch_size, arms, cost, what_would)


def with_batch_size(study: Study, batch_size: int) -> Study:
    """The same file with another batch size and the same number of steps."""
    return replace(study, workload=study.workload.model_copy(update={"batch_size": batch_size}))


def first_configuration(study: Study, arm: Arm) -> Mapping[str, Any]:
    """The first point's: numbers change no program, but an exponent or a switch may."""
    point = points(study, arm, study.replicates[0])[0]
    configuration: Mapping[str, Any] = new_trial(study, arm, 0, point).configuration
    return configuration


def _place(chip: Chip | None, step: Step, at_once: int | None) -> Place:
    if chip is None or step.program is None:
        return Place(cores=1, at_once=at_once or usable_cores())
    cores, slices = int(step.program["cores"]), at_once or 1
    return Place(cores, slices, chips=slices * cores // chip.cores)
