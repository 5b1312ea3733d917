"""The trainer of a workload for configurations of any arm, on one device or several."""

import functools

from shampoo_tune.optimizer import build
from shampoo_tune.optimizer.sharding import state_shardings
from shampoo_tune.workloads.data_parallel import DataParallel
from shampoo_tune.workloads.trainer import Trainer
from shampoo_tune.workloads.workload import Workload


def arm_trainer(workload: Workload, parallel: DataParallel | None) -> Trainer:
    """A trainer whose optimizers share their work among the devices that share a batch."""
    if parallel is None:
        return Trainer(workload, build)
    return Trainer(
        workload,
        functools.partial(build, mesh=parallel.mesh),
        parallel,
        functools.partial(state_shardings, mesh=parallel.mesh),
    )
