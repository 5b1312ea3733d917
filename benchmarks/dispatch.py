"""What dispatch costs, beside its limits and beside scripts that people write without it.

Usage: python -m benchmarks.dispatch [--only study|peers|controller|workers|ray ...] [--rounds 3]

All commands start with nothing compiled and end with their database written. What is compared runs
by turns, and medians of the rounds are told. Exit code 1 if a limit is missed.
"""

import argparse
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.bare_step import measure
from benchmarks.dispatching.launches import Timed, launch, peer, study
from benchmarks.main_job import STUDY_FILE
from shampoo_tune.tuner.study_file.loading import load_study_file
from shampoo_tune.tuner.thread_settings import usable_cores
from shampoo_tune.workloads import WORKLOADS

_PEER_RUNS = 32
_FEW, _MANY = 40, 240  # runs of some hundredths of a second: what a run costs is the slope
_RUN_SECONDS = 4.0  # of the main job's runs, of which the controller's time is a share


@dataclass(frozen=True)
class Line:
    """A measured number and its limit."""

    what: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the number is within its limit."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        verdict = "" if self.met else "  MISSED"
        return f"{self.what:72} {self.value:8.3f} {sign} {self.limit:g}{verdict}"


def short_runs(runs: int) -> str:
    """A study of runs that take some hundredths of a second, with eight evaluations each."""
    return study("mlp_digits", runs)


def slope(few: float, many: float) -> float:
    """What a run costs more, from two studies of `_FEW` and `_MANY` runs."""
    return (many - few) / (_MANY - _FEW)


def by_turns(rounds: int, *runs: Callable[[], Timed]) -> list[list[Timed]]:
    """Each of some commands so many times, one after the other; a list a command."""
    turns = [[run() for run in runs] for _ in range(rounds)]
    return [list(column) for column in zip(*turns, strict=True)]


def middle(timed: Sequence[Timed], field: str = "seconds") -> float:
    """The median of a field."""
    return float(statistics.median(getattr(one, field) for one in timed))


def whole_study(rounds: int) -> Iterator[Line]:
    """The main job against its bare steps; once, as it takes minutes."""
    del rounds
    budget = load_study_file(STUDY_FILE, [], WORKLOADS).study.budget
    runs = budget.trials + budget.finalists * budget.finalist_seeds + budget.seeds
    before = measure(STUDY_FILE)
    timed = launch(STUDY_FILE.read_text())
    bare = (before + measure(STUDY_FILE)) / 2
    floor = runs * budget.steps * bare / usable_cores() + timed.compile_seconds
    print(
        f"# {runs} runs of {budget.steps} steps of {1000 * bare:.1f} ms, before {1000 * before:.1f}"
    )
    print(f"# launch {timed.seconds:.1f} s, {timed.compile_seconds:.1f} s of them to compile")
    yield Line("whole study, times bare steps and one compilation", timed.seconds / floor, 1.05)


def peers(rounds: int) -> Iterator[Line]:
    """The same runs by scripts, with `optax.sgd` in all of them."""
    ours, person, competent = by_turns(
        rounds,
        lambda: launch(study("resnet_digits", _PEER_RUNS)),
        lambda: peer("benchmarks.dispatching.script_peer", _PEER_RUNS),
        lambda: peer("benchmarks.dispatching.competent_peer", _PEER_RUNS),
    )
    print(
        f"# {_PEER_RUNS} runs: ours {middle(ours):.1f} s, a person's script {middle(person):.1f} s,"
        f" a competent one {middle(competent):.1f} s"
    )
    ratio = middle(person) / middle(ours)
    yield Line("a person's script, times ours", ratio, 3.0, at_least=True)
    ratio = middle(competent) / middle(ours)
    yield Line("a competent script, times ours", ratio, 1.0, at_least=True)


def controller(rounds: int) -> Iterator[Line]:
    """Processor time of the launch's own process for each run more."""
    few, many = by_turns(rounds, *(partial(launch, short_runs(n)) for n in (_FEW, _MANY)))
    cost = slope(middle(few, "cpu_seconds"), middle(many, "cpu_seconds"))
    yield Line("controller, ms of processor time a run", 1000 * cost, 5.0)
    yield Line(f"controller, % of a worker's time for runs of {_RUN_SECONDS:g} s",
               100 * cost / _RUN_SECONDS, 1.0)  # fmt: skip


def workers(rounds: int) -> Iterator[Line]:
    """One worker against two, from the first run's beginning to the last one's end."""
    text = study("resnet_digits", 24)
    one, two = by_turns(
        rounds,
        lambda: launch(text, "--workers", "1"),
        lambda: launch(text, "--workers", "2"),
    )
    compiled = [
        statistics.median(t.training_seconds - t.compile_seconds for t in timed)
        for timed in (one, two)
    ]
    yield Line("two workers, times one", compiled[0] / compiled[1], 1.8, at_least=True)


def ray(rounds: int) -> Iterator[Line]:
    """What a run costs more on Ray, once it has started."""
    columns = by_turns(
        rounds,
        *(
            partial(launch, short_runs(n), "--backend", backend)
            for backend in ("local", "ray")
            for n in (_FEW, _MANY)
        ),
    )
    local, on_ray = (slope(middle(few), middle(many)) for few, many in (columns[:2], columns[2:]))
    print(f"# a short run: {1000 * local:.1f} ms, on Ray {1000 * on_ray:.1f} ms")
    yield Line("Ray, ms a run more than local workers", 1000 * (on_ray - local), 50.0)


PARTS = {
    "study": whole_study,
    "peers": peers,
    "controller": controller,
    "workers": workers,
    "ray": ray,
}


def main() -> None:
    """Print a line for each number."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--only", action="append", choices=PARTS)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    missed = 0
    for part in options.only or PARTS:
        for line in PARTS[part](options.rounds):
            print(line, flush=True)
            missed |= not line.met
    sys.exit(missed)


if __name__ == "__main__":
    main()
