"""What would fit, where a step does not."""

import math
from collections.abc import Mapping

from shampoo_tune.tuner.planning.arm_plan import ArmPlan


def remedy(arms: Mapping[str, ArmPlan], batch_size: int, microbatches: int | None) -> str:
    """The batch, number of cores or of microbatches with which the largest step would fit.

    A step's memory is its state and, in proportion to the examples that a core has at a time, the
    rest. So it is about right only: the compiler computes some results twice to spare memory.

    Args:
        arms: one of which does not fit.
        batch_size: of a step.
        microbatches: parts that a step computes in turn; None if the workload knows none.
    """
    arm = max(arms.values(), key=lambda arm: arm.step.memory_used or 0)
    step, room = arm.step, arm.room
    if step.program is None or step.memory_used is None or room is None:
        raise AssertionError("only what was compiled for a chip can fail to fit")
    cores = step.program["cores"]
    if step.state_bytes >= room:
        return "the state alone is larger than a core's memory: no slice of this kind has room"
    share = (room - step.state_bytes) / (step.memory_used - step.state_bytes)
    largest = math.floor(share * batch_size / cores) * cores
    ways = [f"a batch of about {largest}"] if largest else []
    ways.append(f"about {math.ceil(cores / share)} cores")
    if microbatches is not None:
        ways.append(f"about {math.ceil(microbatches / share)} microbatches")
    return f"{', or '.join(ways)}, would fit"
