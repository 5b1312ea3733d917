"""What a run costs more on Ray than by local workers."""

import importlib.util
from collections.abc import Iterator

from benchmarks.dispatching.conditions import Conditions, tell
from benchmarks.dispatching.figures import Figure
from benchmarks.dispatching.launches import Ordered, budget, launch
from benchmarks.dispatching.rates import searched, worker_seconds
from shampoo_tune.tuner.thread_settings import usable_cores

_WHAT, _LIMIT = "a short run on Ray, more than by a local worker", 50


def ray_against_local(conditions: Conditions) -> Iterator[Figure]:
    """The difference, and what it is made of; skipped where Ray is not installed."""
    if importlib.util.find_spec("ray") is None:
        tell("skipped: Ray is not installed")
        yield Figure(_WHAT, "ms", [], limit=_LIMIT, skipped="skipped: Ray is not installed")
        return
    turns = [ray_extra_per_run(conditions) for _ in range(conditions.sizes.rounds)]
    local, on_ray = zip(*turns, strict=True)
    yield Figure("a short run by a local worker", "ms", local)
    yield Figure("a short run on Ray", "ms", on_ray)
    yield Figure(_WHAT, "ms", [theirs - own for own, theirs in turns], limit=_LIMIT)


def ray_extra_per_run(conditions: Conditions) -> tuple[float, float]:
    """Milliseconds of a worker that a run takes by local workers and on Ray."""
    return _per_run(conditions, "local"), _per_run(conditions, "ray")


def _per_run(conditions: Conditions, backend: str) -> float:
    runs, cores = conditions.sizes.short_runs, usable_cores()
    tell(f"{runs} short runs, --backend {backend}")
    folder, cache = conditions.new_folder(), conditions.shared_cache
    overrides = (*budget(runs, cores), "workload.name=mlp_digits")
    launched = launch(Ordered(folder, cache, cores, overrides, ("--backend", backend)))
    return 1000 * worker_seconds(searched(launched.marks), cores)
