"""The gradients of a training with Shampoo, step by step, for benchmarks that replay it.

The seed's options, but for the learning rate and an early start of the preconditioned branch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np
import optax

from shampoo_tune.optimizer import shampoo
from shampoo_tune.optimizer.config import ShampooConfig
from shampoo_tune.optimizer.layout import Blocks, make_layout
from shampoo_tune.workloads import make_workload
from shampoo_tune.workloads.seeds import stream_key

BATCH_SIZE = 512
BETA2 = 0.85
ORDER = 4  # p of every root

# Loss, and the state and blocks after a step: (matrix_epsilon, state, batch) -> ...
_Step = Callable[[float, Any, Any], tuple[jax.Array, Any, Blocks]]


@dataclass(frozen=True)
class Record:
    """A training's losses, and its gradients as stacks of blocks.

    Attributes:
        axes: the preconditioned axes of each stack's blocks.
        gradients: for each step, float32 [n, *block] for each stack.
        losses: of each step.
    """

    axes: list[tuple[int, ...]]
    gradients: list[list[np.ndarray]]
    losses: list[float]


class Recorder:
    """Trains one workload; compiles its step once for all values of `matrix_epsilon`."""

    def __init__(self, workload: str, learning_rate: float) -> None:
        self._workload = make_workload(workload, BATCH_SIZE)
        self._learning_rate = learning_rate
        self._params, self._model_state = self._workload.init(stream_key(0, "init"))
        shapes = [leaf.shape for leaf in jax.tree.leaves(self._params)]
        self._layout = make_layout(shapes, ShampooConfig())
        owners = np.concatenate([bucket.tensors for bucket in self._layout.buckets])
        assert len(set(owners)) == len(owners), "a tensor of several blocks"
        self._step: _Step = jax.jit(self._step_fn)

    def record(self, matrix_epsilon: float, steps: int) -> Record:
        """The first steps of the training with that epsilon."""
        optimizer_state = self._optimizer(matrix_epsilon).init(self._params)
        state = self._params, self._model_state, optimizer_state
        batches = self._workload.batches(0, 0)
        gradients, losses = [], []
        for _ in range(steps):
            loss, state, blocks = self._step(matrix_epsilon, state, next(batches))
            gradients.append([np.asarray(stack) for stack in blocks])
            losses.append(float(loss))
        return Record([bucket.axes for bucket in self._layout.buckets], gradients, losses)

    def _optimizer(self, matrix_epsilon: Any) -> optax.GradientTransformation:
        return shampoo(
            self._learning_rate,
            beta1=0.9,
            beta2=BETA2,
            exponent_override=ORDER,
            start_preconditioning_step=3,
            matrix_epsilon=matrix_epsilon,
        )

    def _step_fn(self, matrix_epsilon: Any, state: Any, batch: Any) -> Any:
        params, model_state, optimizer_state = state
        (loss, (model_state, _)), gradients = jax.value_and_grad(self._workload.loss, has_aux=True)(
            params, model_state, batch, stream_key(0, "dropout")
        )
        updates, optimizer_state = self._optimizer(matrix_epsilon).update(
            gradients, optimizer_state, params
        )
        blocks = self._layout.to_blocks(self._layout.stacked(jax.tree.leaves(gradients)))
        return loss, (optax.apply_updates(params, updates), model_state, optimizer_state), blocks
