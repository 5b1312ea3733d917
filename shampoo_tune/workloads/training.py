"""The training loop: exactly `steps` steps of one configuration with one seed."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import jax

from shampoo_tune.study import Measurement, RunState
from shampoo_tune.workloads.run_clock import RunClock
from shampoo_tune.workloads.seeds import stream_key
from shampoo_tune.workloads.snapshot import Snapshot
from shampoo_tune.workloads.trainer import Trainer

if TYPE_CHECKING:  # with Orbax, which a run without checkpoints does without
    from shampoo_tune.workloads.checkpoints import RunCheckpoints

NON_FINITE_METRIC = "non-finite metric"
OUT_OF_MEMORY = "device out of memory"


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Attributes:
        state: COMPLETED or INFEASIBLE.
        reason: why it is infeasible; None if it completed.
        seconds: wall time of the run, compilation included, and what earlier attempts took up to
            the checkpoint.
        evaluation_seconds: the part of it spent in evaluations.
    """

    state: RunState
    reason: str | None
    seconds: float
    evaluation_seconds: float


class _Budget(NamedTuple):
    seed: int
    steps: int
    eval_every: int

    def evaluates(self, step: int) -> bool:
        """Whether the run is evaluated after this step."""
        return step % self.eval_every == 0 or step == self.steps


def train(
    trainer: Trainer,
    hyperparameters: Any,
    *,
    seed: int,
    steps: int,
    eval_every: int,
    on_measurement: Callable[[Measurement], None],
    checkpoints: "RunCheckpoints | None" = None,
) -> Outcome:
    """Train and evaluate every `eval_every` steps and at the last.

    A run with a checkpoint goes on from there, to the same bits as if it had never stopped.

    Args:
        trainer: of the workload and the optimizer.
        hyperparameters: pytree for `build`; its numbers are traced.
        seed: the run's seed; fans out into streams.
        steps: the step budget, at least 1.
        eval_every: steps between evaluations.
        on_measurement: receives each measurement as soon as it is made, after those that came
            before the checkpoint.
        checkpoints: of this run; removed when it has its verdict.

    Returns:
        The outcome; a non-finite loss, gradient norm or metric makes it infeasible.

    Raises:
        InterruptedRunError: it was asked to stop, and has saved what it could.
    """
    clock, budget = RunClock(), _Budget(seed, steps, eval_every)
    try:
        reason = _train(trainer, hyperparameters, budget, on_measurement, checkpoints, clock)
    except jax.errors.JaxRuntimeError as error:
        if "RESOURCE_EXHAUSTED" not in str(error) or jax.default_backend() == "cpu":
            raise
        reason = OUT_OF_MEMORY
    if checkpoints:
        checkpoints.remove()
    state = RunState.INFEASIBLE if reason else RunState.COMPLETED
    return Outcome(state, reason, clock.seconds, clock.evaluation_seconds)


def _train(
    trainer: Trainer,
    hyperparameters: Any,
    budget: _Budget,
    on_measurement: Callable[[Measurement], None],
    checkpoints: "RunCheckpoints | None",
    clock: RunClock,
) -> str | None:
    saved = checkpoints.newest(trainer.shapes(hyperparameters)) if checkpoints else None
    progress = saved.progress if saved else trainer.start(hyperparameters, budget.seed)
    taken = saved.step if saved else 0
    measured = list(saved.measurements) if saved else []
    if saved:
        clock.go_on(saved.seconds, saved.evaluation_seconds)
    for measurement in measured:
        on_measurement(measurement)
    batches = trainer.workload.batches(budget.seed, taken)
    key = stream_key(budget.seed, "dropout")
    for step in range(taken + 1, budget.steps + 1):
        progress = trainer.step(progress, hyperparameters, next(batches), key)
        if budget.evaluates(step):
            if diverged_at := int(progress.diverged_at):  # waits for the steps queued so far
                return f"diverged at step {diverged_at}"
            with clock:
                metrics = trainer.evaluate(progress)
            if not all(map(math.isfinite, metrics.values())):
                return NON_FINITE_METRIC
            measured.append(Measurement(step, metrics))
            on_measurement(measured[-1])
        if checkpoints and _may_save(trainer, budget, step) and checkpoints.due(step):
            times = clock.seconds, clock.evaluation_seconds
            checkpoints.save(Snapshot(step, progress, measured, *times))
    return None


def _may_save(trainer: Trainer, budget: _Budget, step: int) -> bool:
    """Whether this is a place to save: processes agree on it where they wait anyway."""
    return step < budget.steps and (budget.evaluates(step) or not trainer.several_processes)
