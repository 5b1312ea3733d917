"""What a simulated worker says of a run, and when: pure functions, without JAX.

What a run measures depends on its configuration, its seed and its steps, as in training. What
becomes of an attempt at it depends on the run's and the attempt's number, and on a seed of
accidents. So the same runs come to the same rows whatever happens on the way.
"""

import hashlib
import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from shampoo_tune.study import Measurement, RunState
from shampoo_tune.tuner.messages import Failed, Finished, Job, Measured, Message, Started
from shampoo_tune.workloads import WORKLOADS

# Seconds since the attempt began, and what is said then.
TimedMessage = tuple[float, Message]

_JITTER = 0.1  # steps are up to so much slower or faster, alike within an attempt
_START_STEPS = 1  # how long it takes to begin, in steps; a machine may be lost before
_BEST_LEARNING_RATE = 0.1
_TOP, _CURVATURE = 0.98, 0.05  # the accuracy there, and how fast it falls beside it
_NOISE, _RIPPLE = 0.01, 0.004  # of the accuracy: from seed to seed, and from step to step
_HOSTS = 32
_ERRORS = ("XlaRuntimeError: INTERNAL", "OSError: stale file handle", "RuntimeError: no device")


@dataclass(frozen=True)
class Rates:
    """How fast steps are, and how often what happens.

    Attributes:
        step_seconds: of one step.
        failure: share of attempts whose code fails.
        preemption: share of attempts whose machine is taken away.
        straggler: share of attempts on a slow machine.
        straggler_factor: how many times slower it is.
        infeasible: share of (configuration, seed) that diverge: no accident, but a result.
    """

    step_seconds: float = 0.2
    failure: float = 0.005
    preemption: float = 0.03
    straggler: float = 0.01
    straggler_factor: float = 5.0
    infeasible: float = 0.05

    def undisturbed(self) -> "Rates":
        """The same runs without accidents."""
        return replace(self, failure=0.0, preemption=0.0, straggler=0.0)


@dataclass(frozen=True)
class Course:
    """All evaluations of a run, and the step at which it diverged, if it did."""

    measurements: tuple[Measurement, ...]
    diverged_at: int | None

    @property
    def state(self) -> RunState:
        """The run's verdict."""
        return RunState.COMPLETED if self.diverged_at is None else RunState.INFEASIBLE

    @property
    def reason(self) -> str | None:
        """Why it is infeasible."""
        return None if self.diverged_at is None else f"diverged at step {self.diverged_at}"


def course(job: Job, infeasible: float) -> Course:
    """What a run comes to; depends on its configuration, seed, steps and evaluations only.

    Args:
        job: the run, of a classification workload.
        infeasible: share of runs that diverge.
    """
    draw = _random(job.configuration, job.seed, job.steps)
    diverged_at = draw.randint(1, job.steps) if draw.random() < infeasible else None
    rate = job.configuration["schedule"]["learning_rate"]
    distance = math.log(rate / _BEST_LEARNING_RATE)
    level = _TOP - _CURVATURE * distance**2 + draw.gauss(0.0, _NOISE)
    phases = {split: draw.uniform(0.0, math.tau) for split in ("valid", "test")}
    measurements = tuple(
        Measurement(step, _metrics(job, step, level, phases))
        for step in evaluation_steps(job.steps, job.eval_every)
        if diverged_at is None or step < diverged_at
    )
    return Course(measurements, diverged_at)


def evaluation_steps(steps: int, eval_every: int) -> list[int]:
    """The steps that are evaluated, the last one always."""
    return sorted({*range(eval_every, steps + 1, eval_every), steps})


def _metrics(job: Job, step: int, level: float, phases: dict[str, float]) -> dict[str, float]:
    """All metrics of a step; accuracies are counts of examples."""
    risen = level * (1.0 - math.exp(-step / (0.15 * job.steps)))
    metrics = {"train_loss": max(2.3 - 2.3 * risen, 0.001)}
    for split, phase in phases.items():
        examples = WORKLOADS[job.workload["name"]].examples[split]
        accuracy = min(max(risen + _RIPPLE * math.sin(step + phase), 0.0), 1.0)
        metrics[f"{split}_loss"] = 2.31 - 2.3 * accuracy
        metrics[f"{split}_accuracy"] = round(examples * accuracy) / examples
    return metrics


def events(job: Job, attempt: int, rates: Rates, accident_seed: int) -> list[TimedMessage]:
    """All that a worker says of one attempt, in the order of time.

    Args:
        job: the run.
        attempt: its number, from 1.
        rates: of accidents.
        accident_seed: other accidents to the same runs.
    """
    draw = _random(accident_seed, job.run_id, attempt)
    kind, slow = draw.random(), draw.random() < rates.straggler
    seconds = rates.step_seconds * draw.uniform(1.0 - _JITTER, 1.0 + _JITTER)
    told = list(_all_told(job, rates, seconds * (rates.straggler_factor if slow else 1.0)))
    if kind >= rates.preemption + rates.failure:
        return told
    end = told[-1][0] * draw.random()
    failed = _accident(job.run_id, attempt, lost=kind < rates.preemption, draw=draw)
    return [(at, message) for at, message in told if at < end] + [(end, failed)]


def _all_told(job: Job, rates: Rates, step_seconds: float) -> Iterator[TimedMessage]:
    """What is said if nothing comes in between."""
    outcome, began = course(job, rates.infeasible), _START_STEPS * step_seconds
    yield began, Started(job.run_id, _facts(job))
    for measurement in outcome.measurements:
        yield began + measurement.step * step_seconds, Measured(job.run_id, measurement)
    last = job.steps if outcome.diverged_at is None else outcome.diverged_at
    seconds = began + last * step_seconds
    timings = {"seconds": seconds, "compile_seconds": 0.0, "evaluation_seconds": 0.0}
    yield seconds, Finished(job.run_id, outcome.state, outcome.reason, timings)


def _accident(run_id: int, attempt: int, *, lost: bool, draw: random.Random) -> Failed:
    if lost:
        return Failed(run_id, "the machine was taken away", lost=True)
    where = f"run {run_id}, attempt {attempt}"  # no two are alike: one bug would break all runs
    return Failed(run_id, f"Traceback\n{draw.choice(_ERRORS)} ({where})")


def _facts(job: Job) -> dict[str, Any]:
    workload = json.dumps(job.workload, sort_keys=True)
    return {
        "host": f"simulated-{job.run_id % _HOSTS}",
        "platform": "simulated",
        "jaxlib": "0.10.1",
        "device_kind": "cpu",
        "device_count": 1,
        "threads": {"NPROC": "1", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        "workload_fingerprint": hashlib.sha256(workload.encode()).hexdigest(),
        "optimizer_state_bytes": 118_282,
    }


def _random(*decisive: Any) -> random.Random:
    # A text is hashed by SHA-512 into the generator's state: the same in every process.
    return random.Random(json.dumps(decisive, sort_keys=True))  # noqa: S311
