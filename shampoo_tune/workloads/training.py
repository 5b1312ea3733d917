"""The training loop: exactly `steps` steps of one configuration with one seed.

The step is compiled once for all configurations whose switches agree: hyperparameters are an
argument of the compiled step, which builds the optimizer from them inside.
"""

import contextlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import optax

from shampoo_tune.study import Measurement, RunState
from shampoo_tune.workloads.accumulation import batch_gradients
from shampoo_tune.workloads.data_parallel import DataParallel
from shampoo_tune.workloads.run_clock import RunClock
from shampoo_tune.workloads.seeds import stream_key
from shampoo_tune.workloads.snapshot import Snapshot
from shampoo_tune.workloads.workload import Batch, PyTree, Workload

if TYPE_CHECKING:  # with Orbax, which a run without checkpoints does without
    from shampoo_tune.workloads.checkpoints import RunCheckpoints

NON_FINITE_METRIC = "non-finite metric"
OUT_OF_MEMORY = "device out of memory"


class Progress(NamedTuple):
    """Everything that a step reads and writes."""

    params: PyTree
    model_state: PyTree
    optimizer_state: PyTree
    steps: jax.Array  # shape=(), dtype=int32: steps taken
    diverged_at: jax.Array  # shape=(), dtype=int32: first step with a non-finite value, 0 if none
    loss: jax.Array  # shape=(), dtype=float32: training loss of the last step


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


class Trainer:
    """Trains one workload with any optimizer that `build` makes of a pytree of hyperparameters.

    Attributes:
        compilations: how often the step was traced and compiled.
    """

    def __init__(
        self,
        workload: Workload,
        build: Callable[[Any], optax.GradientTransformation],
        parallel: DataParallel | None = None,
        state_shardings: Callable[[PyTree], PyTree] | None = None,
    ) -> None:
        """Nothing is compiled yet.

        Args:
            workload: what is trained.
            build: hyperparameters -> optimizer.
            parallel: the devices that share a batch; None for the default device alone.
            state_shardings: where they have the arrays of an optimizer's state: state -> tree of
                shardings; None if each has all of them.

        Raises:
            InvalidInputError: they cannot share it.
        """
        if parallel:
            parallel.check(workload.batch_size, workload.microbatches)
        self.workload = workload
        self.compilations = 0
        self._build = build
        self._parallel, self._state_shardings = parallel, state_shardings
        # The optimizer's state is placed inside, once its structure is known.
        everywhere = parallel.everywhere if parallel else None
        places: Any = Progress(*len(Progress._fields) * [cast(Any, everywhere)])
        places = places._replace(optimizer_state=None)
        self._start = jax.jit(self._start_fn, out_shardings=places)
        self._step = jax.jit(self._step_fn, donate_argnums=0, out_shardings=places)

    def run(
        self,
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
            reason = self._train(hyperparameters, budget, on_measurement, checkpoints, clock)
        except jax.errors.JaxRuntimeError as error:
            if "RESOURCE_EXHAUSTED" not in str(error) or jax.default_backend() == "cpu":
                raise
            reason = OUT_OF_MEMORY
        if checkpoints:
            checkpoints.remove()
        state = RunState.INFEASIBLE if reason else RunState.COMPLETED
        return Outcome(state, reason, clock.seconds, clock.evaluation_seconds)

    def trace(self, hyperparameters: Any) -> None:
        """The part of compiling a step that no cache on disk can save."""
        batch, key = self._split(next(self.workload.batches(0, 0))), stream_key(0, "init")
        self._step.trace(self._shapes(hyperparameters), hyperparameters, batch, key)

    def lower(self, hyperparameters: Any) -> jax.stages.Lowered:
        """The step for devices that need not be here: it can be compiled, but not run.

        Raises:
            ValueError: there are no `parallel` devices.
        """
        if self._parallel is None:
            raise ValueError("a step can be lowered for `parallel` devices only")
        batch = self.workload.batch_shapes or next(self.workload.batches(0, 0))
        key = jax.eval_shape(lambda: stream_key(0, "dropout"))
        return self._step.lower(
            self._shapes(hyperparameters),
            self._parallel.shapes(hyperparameters),
            self._parallel.shapes(batch, self._parallel.shared),
            self._parallel.shapes(key),
        )

    def optimizer_state_bytes(self, hyperparameters: Any) -> int:
        """Memory of the optimizer's state, from shapes alone: nothing is computed."""
        leaves = jax.tree.leaves(self._shapes(hyperparameters).optimizer_state)
        return sum(leaf.size * leaf.dtype.itemsize for leaf in leaves)

    def state_bytes(self, hyperparameters: Any) -> int:
        """Size of everything that a step reads and writes, which is that of a checkpoint."""
        leaves = jax.tree.leaves(self._shapes(hyperparameters))
        return sum(leaf.size * leaf.dtype.itemsize for leaf in leaves)

    def warm_up(self, hyperparameters: Any) -> None:
        """Compile all that a run with hyperparameters of this structure needs, by using it once.

        What the device refuses here it refuses again in the run, which then gives the verdict.
        """
        with contextlib.suppress(jax.errors.JaxRuntimeError):
            progress, batch = self.start(hyperparameters, 0), next(self.workload.batches(0, 0))
            self._evaluate(self.step(progress, hyperparameters, batch, stream_key(0, "dropout")))

    def start(self, hyperparameters: Any, seed: int) -> Progress:
        """The state before the first step."""
        progress: Progress = self._start(hyperparameters, stream_key(seed, "init"))
        return progress

    def step(self, progress: Progress, hyperparameters: Any, batch: Batch, key: Any) -> Progress:
        """One training step; gives up the memory of `progress`."""
        stepped: Progress = self._step(progress, hyperparameters, self._split(batch), key)
        return stepped

    def _split(self, batch: Batch) -> Batch:
        if self._parallel is None:
            return batch
        split: Batch = self._parallel.split(batch, self.workload.batch_size)
        return split

    def _shapes(self, hyperparameters: Any) -> Progress:
        shapes: Progress = jax.eval_shape(self._start, hyperparameters, stream_key(0, "init"))
        if self._parallel is None:
            return shapes
        placed: Progress = self._parallel.shapes(shapes)
        state = jax.tree.map(
            self._parallel.shapes, placed.optimizer_state, self._shardings(placed.optimizer_state)
        )
        return placed._replace(optimizer_state=state)

    def _shardings(self, optimizer_state: PyTree) -> PyTree:
        """Where its arrays are, if devices share a batch."""
        if self._parallel is None:
            raise AssertionError("one device has everything")
        if self._state_shardings:
            return self._state_shardings(optimizer_state)
        everywhere = self._parallel.everywhere
        return jax.tree.map(lambda _: everywhere, optimizer_state)

    def _placed(self, optimizer_state: PyTree) -> PyTree:
        if self._parallel is None:
            return optimizer_state
        return self._parallel.place(optimizer_state, self._shardings(optimizer_state))

    def _train(
        self,
        hyperparameters: Any,
        budget: _Budget,
        on_measurement: Callable[[Measurement], None],
        checkpoints: "RunCheckpoints | None",
        clock: RunClock,
    ) -> str | None:
        saved = checkpoints.newest(self._shapes(hyperparameters)) if checkpoints else None
        progress = saved.progress if saved else self.start(hyperparameters, budget.seed)
        taken = saved.step if saved else 0
        measured = list(saved.measurements) if saved else []
        if saved:
            clock.go_on(saved.seconds, saved.evaluation_seconds)
        for measurement in measured:
            on_measurement(measurement)
        batches = self.workload.batches(budget.seed, taken)
        key = stream_key(budget.seed, "dropout")
        for step in range(taken + 1, budget.steps + 1):
            progress = self.step(progress, hyperparameters, next(batches), key)
            if budget.evaluates(step):
                if diverged_at := int(progress.diverged_at):  # waits for the steps queued so far
                    return f"diverged at step {diverged_at}"
                with clock:
                    metrics = self._evaluate(progress)
                if not all(map(math.isfinite, metrics.values())):
                    return NON_FINITE_METRIC
                measured.append(Measurement(step, metrics))
                on_measurement(measured[-1])
            if checkpoints and self._may_save(budget, step) and checkpoints.due(step):
                times = clock.seconds, clock.evaluation_seconds
                checkpoints.save(Snapshot(step, progress, measured, *times))
        return None

    def _may_save(self, budget: _Budget, step: int) -> bool:
        """Whether this is a place to save: processes agree on it where they wait anyway."""
        together = self._parallel is not None and self._parallel.mesh.is_multi_process
        return step < budget.steps and (budget.evaluates(step) or not together)

    def _evaluate(self, progress: Progress) -> dict[str, float]:
        if self._parallel:
            progress = self._parallel.one(progress)
        metrics = {"train_loss": float(progress.loss)}
        params = _evaluated(progress.params, progress.optimizer_state)
        for split in self.workload.splits:
            values = self.workload.evaluate(params, progress.model_state, split)
            metrics |= {f"{split}_{name}": value for name, value in values.items()}
        return metrics

    def _start_fn(self, hyperparameters: Any, key: jax.Array) -> Progress:
        params, model_state = self.workload.init(key)
        zero = jnp.zeros((), jnp.int32)
        optimizer_state = self._build(hyperparameters).init(params)
        placed = self._placed(optimizer_state)
        return Progress(params, model_state, placed, zero, zero, jnp.zeros(()))

    def _step_fn(
        self, progress: Progress, hyperparameters: Any, batch: Batch, key: jax.Array
    ) -> Progress:
        self.compilations += 1  # runs when the step is traced, never when it is executed
        params, steps = progress.params, progress.steps
        (loss, model_state), gradients = batch_gradients(
            self.workload,
            params,
            progress.model_state,
            batch,
            jax.random.fold_in(key, steps),
            self._parallel.mesh.size if self._parallel else 1,
        )
        updates, optimizer_state = self._build(hyperparameters).update(
            gradients, progress.optimizer_state, params
        )
        finite = jnp.isfinite(loss) & jnp.isfinite(optax.tree.norm(gradients))
        first = ~finite & (progress.diverged_at == 0)
        return Progress(
            optax.apply_updates(params, updates),
            model_state,
            self._placed(optimizer_state),
            steps + 1,
            jnp.where(first, steps + 1, progress.diverged_at),
            loss,
        )


def _evaluated(params: PyTree, optimizer_state: PyTree) -> PyTree:
    """The parameters to judge: where gradients are taken, unless the optimizer keeps an average."""
    if isinstance(optimizer_state, optax.contrib.ScheduleFreeState):
        return _average(optimizer_state, params)
    return params


_average = jax.jit(optax.contrib.schedule_free_eval_params)
