"""What the launch's own process computes for a run, beside what its workers do."""

from collections.abc import Iterator

from benchmarks.dispatching.conditions import Conditions, tell
from benchmarks.dispatching.figures import Figure
from benchmarks.dispatching.launches import Ordered, budget, launch
from benchmarks.dispatching.rates import controller_seconds
from shampoo_tune.tuner.thread_settings import usable_cores

RUN_SECONDS = 4.0  # of a run of the main job


def controller(conditions: Conditions) -> Iterator[Figure]:
    """Of runs as long as the main job's, and of short ones, whose messages come many at a time."""
    sizes = conditions.sizes
    long = [_cost(conditions, sizes.long_runs, "resnet_digits") for _ in range(sizes.rounds)]
    short = [_cost(conditions, sizes.short_runs, "mlp_digits") for _ in range(sizes.rounds)]
    what = "the controller's CPU time"
    yield Figure(f"{what} a run", "ms", [1000 * cost for cost in long], limit=5)
    share = [100 * cost / RUN_SECONDS for cost in long]
    yield Figure(f"{what}, of a run of {RUN_SECONDS:g} s", "%", share, limit=1)
    yield Figure(f"{what} a short run", "ms", [1000 * cost for cost in short], limit=5)


def _cost(conditions: Conditions, runs: int, workload: str) -> float:
    tell(f"the controller's CPU time in {runs} runs of {workload}")
    cores, folder = usable_cores(), conditions.new_folder()
    overrides = (*budget(runs, cores), f"workload.name={workload}")
    launched = launch(Ordered(folder, conditions.shared_cache, cores, overrides))
    return controller_seconds(launched.marks)
