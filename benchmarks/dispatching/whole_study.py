"""The main job as a command, against its runs and one compilation with nothing around them."""

from collections.abc import Iterator

from benchmarks.dispatching import bare_runs
from benchmarks.dispatching.bare_runs import Bare
from benchmarks.dispatching.conditions import Conditions, tell
from benchmarks.dispatching.figures import Figure
from benchmarks.dispatching.launches import ROOT, Launch, Ordered, budget, launch
from shampoo_tune.tuner.thread_settings import usable_cores

STUDY_FILE = ROOT / "search_spaces" / "resnet.yaml"


def whole_study(conditions: Conditions) -> Iterator[Figure]:
    """Once, because it takes minutes; what is bare is measured before and after, and averaged."""
    cores, sizes = usable_cores(), conditions.sizes
    overrides = () if sizes.study_runs is None else budget(sizes.study_runs, cores)

    def bare() -> Bare:
        tell("bare runs of the main job's points")
        return bare_runs.measure(STUDY_FILE, overrides, conditions.cache(), sizes.bare_runs)

    if conditions.warm:
        bare()
    before = bare()
    tell("the main job")
    ordered = Ordered(conditions.new_folder(), conditions.cache(), cores, overrides)
    launched = launch(ordered, STUDY_FILE)
    yield from figures(launched, before, bare(), cores)


def figures(launched: Launch, before: Bare, after: Bare, cores: int) -> Iterator[Figure]:
    """The ratio to the floor, and what it is made of.

    The floor counts runs that have taken all their steps: an infeasible one ends early.
    """
    run = (before.run + after.run) / 2
    compiling = (before.compiling + after.compiling) / 2
    floor = launched.completed * run / cores + compiling
    busy = 100 * launched.training / (cores * launched.seconds)
    yield Figure("a bare run of the main job", "s", [before.run, after.run])
    yield Figure("one compilation", "s", [before.compiling, after.compiling])
    yield Figure(f"{launched.completed} bare runs and one compilation", "s", [floor])
    yield Figure("the main job", "s", [launched.seconds])
    yield Figure("its runs", "% of the cores' time", [busy])
    ratio = launched.seconds / floor
    yield Figure("the main job against bare runs", "times", [ratio], limit=1.05)
