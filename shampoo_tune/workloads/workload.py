"""The interface of a workload: a frozen dataclass of pure functions and facts."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax

from shampoo_tune.study import Goal

PyTree = Any
Batch = dict[str, jax.Array]


@dataclass(frozen=True)
class Workload:
    """Data set, model, loss and metric: what stays fixed while the optimizer changes.

    Attributes:
        name: its name in study files.
        metric: the metric a study optimises, such as `valid_accuracy`.
        goal: which direction of the metric is better.
        target: the value that counts as reached.
        batch_size: examples of a step.
        fingerprint: sha256 of the data of all splits and of everything else that changes results.
        init: key -> (params, model_state). `params` is what the optimizer updates; `model_state`
            is carried along, such as running averages of batch normalisation; {} if none.
        loss: (params, model_state, batch, key) -> (loss, (model_state, metrics)); traceable.
        evaluate: (params, model_state, split) -> metrics of split `valid` or `test`, as Python
            floats. An accuracy is the correctly rounded quotient of two integers, so comparing it
            with a target is the same as comparing counts of examples.
        batches: (seed, start_step) -> batches from that 0-based step on; the same seed and step
            always give the same batch, wherever the iteration began. Where several processes train
            together, each may have all of a batch, or the part that its rank says.
        splits: what is evaluated, for metrics `valid_...` and `test_...`.
        microbatches: parts of a batch whose gradients are added up one after the other, to need
            less memory. `loss` must be a mean over examples, and what it does to the model
            state linear in what it finds in them.
        batch_shapes: shapes and types of a batch, for those who have no data; None if the first
            batch is to be looked at.
    """

    name: str
    metric: str
    goal: Goal
    target: float | None
    batch_size: int
    fingerprint: str
    init: Callable[[jax.Array], tuple[PyTree, PyTree]]
    loss: Callable[
        [PyTree, PyTree, Batch, jax.Array],
        tuple[jax.Array, tuple[PyTree, dict[str, jax.Array]]],
    ]
    evaluate: Callable[[PyTree, PyTree, str], dict[str, float]]
    batches: Callable[[int, int], Iterator[Batch]]
    splits: tuple[str, ...] = ("valid", "test")
    microbatches: int = 1
    batch_shapes: dict[str, jax.ShapeDtypeStruct] | None = None
