"""Whole studies trained without a database, run for run what the controller would train.

A worker process compiles the step once and trains one task after the other. An infeasible run has
the value and the loss None.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from shampoo_tune.optimizer import build
from shampoo_tune.optimizer.config import Configuration
from shampoo_tune.optimizer.pytrees import as_arrays
from shampoo_tune.study import Measurement, Phase, run_seed
from shampoo_tune.tuner.configuration import make_configuration
from shampoo_tune.tuner.phases import TIE_BREAKER
from shampoo_tune.tuner.selection import Scored, best_trials
from shampoo_tune.tuner.statistics.medians import median
from shampoo_tune.tuner.study_file.loading import Study, load_study_file
from shampoo_tune.tuner.submission import points, workload_arguments
from shampoo_tune.workloads import WORKLOADS, make_workload
from shampoo_tune.workloads.trainer import Trainer
from shampoo_tune.workloads.training import train

STUDY_FILE = Path(__file__).with_name("protocol_study.yaml")
EXTRA = 1000  # the positions of seeds from here on are used by no study

Run = tuple[float | None, float | None]  # value and validation loss


@dataclass(frozen=True)
class Task:
    """What a worker does at a time.

    Attributes:
        kind: `study`: the whole protocol; `candidates`: `trials` again, with `seeds[0]` fresh
            seeds to choose by and `seeds[1]` more to tell the truth.
        arm: of the study file.
        replicate: of the arm.
        trials: see `kind`.
        seeds: see `kind`.
    """

    kind: Literal["study", "candidates"]
    arm: str
    replicate: int
    trials: tuple[int, ...] = ()
    seeds: tuple[int, int] = (0, 0)

    @property
    def key(self) -> list[Any]:
        """Names the task in the pool's file."""
        return [self.kind, self.arm, self.replicate, list(self.seeds)]


def load_study(overrides: Sequence[str]) -> Study:
    """The benchmark's study file."""
    return load_study_file(STUDY_FILE, overrides, WORKLOADS).study


@functools.cache
def _trainer(overrides: tuple[str, ...]) -> tuple[Study, Trainer]:
    study = load_study(overrides)
    return study, Trainer(make_workload(**workload_arguments(study)), build)


class Laboratory:
    """Trains the trials of one study; all laboratories of a process share the compiled step."""

    def __init__(self, overrides: tuple[str, ...], arm_name: str, replicate: int) -> None:
        self.study, self._compiled = _trainer(overrides)
        self._replicate = replicate
        arm = self.study.arm(arm_name)
        self._trials = [
            make_configuration(arm.optimizer, point, self.study.schedule, self.study.budget.steps)
            for point in points(self.study, arm, replicate)
        ]

    def search(self) -> list[Run]:
        """Every trial once."""
        return [
            self._run(trial, run_seed(self._replicate, Phase.SEARCH, number))
            for number, trial in enumerate(self._trials)
        ]

    def train(self, trial: int, phase: Phase, positions: range) -> list[Run]:
        """One trial with the seeds at these positions of the phase's list."""
        seeds = [run_seed(self._replicate, phase, position) for position in positions]
        return [self._run(self._trials[trial], seed) for seed in seeds]

    def _run(self, configuration: Configuration, seed: int) -> Run:
        measured: list[Measurement] = []
        budget = self.study.budget
        outcome = train(
            self._compiled,
            as_arrays(configuration),
            seed=seed,
            steps=budget.steps,
            eval_every=budget.eval_every,
            on_measurement=measured.append,
        )
        if outcome.reason is not None:
            return None, None
        metrics = measured[-1].metrics
        return metrics[self.study.metric.name], metrics[TIE_BREAKER]


def perform(overrides: tuple[str, ...], task: Task) -> dict[str, Any]:
    """The record of a task, as the pool's file keeps it."""
    lab = Laboratory(overrides, task.arm, task.replicate)
    return _study(lab) if task.kind == "study" else _candidates(lab, task)


def _study(lab: Laboratory) -> dict[str, Any]:
    budget, goal, search = lab.study.budget, lab.study.metric.goal, lab.search()
    scored = [score(trial, [run]) for trial, run in enumerate(search)]
    feasible = [s for s in scored if s.value is not None]
    ranking = best_trials(feasible, goal, len(feasible))
    finalists = {
        trial: lab.train(trial, Phase.FINALISTS, range(budget.finalist_seeds))
        for trial in ranking[: budget.finalists]
    }
    winners = best_trials([score(trial, runs) for trial, runs in finalists.items()], goal, 1)
    final = [run for w in winners for run in lab.train(w, Phase.FINAL, range(budget.seeds))]
    return {
        "search": _values(search),
        "ranking": ranking,
        "finalists": [_values(runs) for runs in finalists.values()],
        "winner": winners[0] if winners else None,
        "final": _values(final),
    }


def _candidates(lab: Laboratory, task: Task) -> dict[str, Any]:
    few, many = range(task.seeds[0]), range(EXTRA, EXTRA + task.seeds[1])
    runs = [lab.train(trial, Phase.FINALISTS, few) for trial in task.trials]
    return {
        "trials": list(task.trials),
        "values": [_values(r) for r in runs],
        "losses": [[loss for _, loss in r] for r in runs],
        "truth": [_values(lab.train(trial, Phase.FINAL, many)) for trial in task.trials],
    }


def score(trial: int, runs: Sequence[Run]) -> Scored:
    """What decides between trials: medians, None where they fall on an infeasible run."""
    value = median([-math.inf if value is None else value for value, _ in runs])
    loss = median([math.inf if loss is None else loss for _, loss in runs])
    return Scored(trial, _finite(value), _finite(loss))


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _values(runs: Sequence[Run]) -> list[float | None]:
    return [value for value, _ in runs]
