"""The compiled training step of a workload, and all that is known of it before a run.

The step is compiled once for all configurations whose switches agree: hyperparameters are an
argument of the compiled step, which builds the optimizer from them inside.
"""

import contextlib
from collections.abc import Callable
from typing import Any, NamedTuple, cast

import jax
import jax.numpy as jnp
import optax

from shampoo_tune.workloads.accumulation import batch_gradients
from shampoo_tune.workloads.data_parallel import DataParallel
from shampoo_tune.workloads.seeds import stream_key
from shampoo_tune.workloads.workload import Batch, PyTree, Workload


class Progress(NamedTuple):
    """Everything that a step reads and writes."""

    params: PyTree
    model_state: PyTree
    optimizer_state: PyTree
    steps: jax.Array  # shape=(), dtype=int32: steps taken
    diverged_at: jax.Array  # shape=(), dtype=int32: first step with a non-finite value, 0 if none
    loss: jax.Array  # shape=(), dtype=float32: training loss of the last step


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

    @property
    def several_processes(self) -> bool:
        """Whether the devices belong to processes that must take every step together."""
        return self._parallel is not None and self._parallel.mesh.is_multi_process

    def trace(self, hyperparameters: Any) -> None:
        """The part of compiling a step that no cache on disk can save."""
        batch, key = self._split(next(self.workload.batches(0, 0))), stream_key(0, "init")
        self._step.trace(self.shapes(hyperparameters), hyperparameters, batch, key)

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
            self.shapes(hyperparameters),
            self._parallel.shapes(hyperparameters),
            self._parallel.shapes(batch, self._parallel.shared),
            self._parallel.shapes(key),
        )

    def optimizer_state_bytes(self, hyperparameters: Any) -> int:
        """Memory of the optimizer's state, from shapes alone: nothing is computed."""
        leaves = jax.tree.leaves(self.shapes(hyperparameters).optimizer_state)
        return sum(leaf.size * leaf.dtype.itemsize for leaf in leaves)

    def state_bytes(self, hyperparameters: Any) -> int:
        """Size of everything that a step reads and writes, which is that of a checkpoint."""
        leaves = jax.tree.leaves(self.shapes(hyperparameters))
        return sum(leaf.size * leaf.dtype.itemsize for leaf in leaves)

    def warm_up(self, hyperparameters: Any) -> None:
        """Compile all that a run with hyperparameters of this structure needs, by using it once.

        What the device refuses here it refuses again in the run, which then gives the verdict.
        """
        with contextlib.suppress(jax.errors.JaxRuntimeError):
            progress, batch = self.start(hyperparameters, 0), next(self.workload.batches(0, 0))
            self.evaluate(self.step(progress, hyperparameters, batch, stream_key(0, "dropout")))

    def start(self, hyperparameters: Any, seed: int) -> Progress:
        """The state before the first step."""
        progress: Progress = self._start(hyperparameters, stream_key(seed, "init"))
        return progress

    def step(self, progress: Progress, hyperparameters: Any, batch: Batch, key: Any) -> Progress:
        """One training step; gives up the memory of `progress`."""
        stepped: Progress = self._step(progress, hyperparameters, self._split(batch), key)
        return stepped

    def evaluate(self, progress: Progress) -> dict[str, float]:
        """All metrics of the workload: training loss, and the values of each split."""
        if self._parallel:
            progress = self._parallel.one(progress)
        metrics = {"train_loss": float(progress.loss)}
        params = _evaluated(progress.params, progress.optimizer_state)
        for split in self.workload.splits:
            values = self.workload.evaluate(params, progress.model_state, split)
            metrics |= {f"{split}_{name}": value for name, value in values.items()}
        return metrics

    def shapes(self, hyperparameters: Any) -> Progress:
        """Shapes, types and places of everything that a step reads and writes."""
        shapes: Progress = jax.eval_shape(self._start, hyperparameters, stream_key(0, "init"))
        if self._parallel is None:
            return shapes
        placed: Progress = self._parallel.shapes(shapes)
        state = jax.tree.map(
            self._parallel.shapes, placed.optimizer_state, self._shardings(placed.optimizer_state)
        )
        return placed._replace(optimizer_state=state)

    def _split(self, batch: Batch) -> Batch:
        if self._parallel is None:
            return batch
        split: Batch = self._parallel.split(batch, self.workload.batch_size)
        return split

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
