"""What classification workloads share: cross-entropy, evaluation in one program, batches."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.study import Goal
from shampoo_tune.workloads import WORKLOADS, digits
from shampoo_tune.workloads.data_order import batch_indices
from shampoo_tune.workloads.workload import Batch, PyTree, Workload

CHUNK = 90  # examples evaluated at a time: their activations stay in a core's cache

# (params, model_state, inputs, training) -> (logits, model_state); of a classifier images
# [n, h, w, c] -> [n, classes], of a language model tokens [n, t] -> [n, t, tokens]
Apply = Callable[[PyTree, PyTree, jax.Array, bool], tuple[jax.Array, PyTree]]
Init = Callable[[jax.Array], tuple[PyTree, PyTree]]


@dataclasses.dataclass(frozen=True)
class Model:
    """A model as two pure functions, and a sentence of what makes it that model."""

    init: Init
    apply: Apply
    architecture: str


def cross_entropy(logits: jax.Array, labels: jax.Array, label_smoothing: float = 0.0) -> jax.Array:
    """Cross-entropy of each label in nats: logits [..., classes] and labels [...] to [...].

    Smoothing mixes the one-hot label with the uniform distribution over all K classes (MLPerf's
    form: 1 - s + s / K on the label, s / K elsewhere).
    """
    log_probabilities = jax.nn.log_softmax(logits)
    label = jnp.take_along_axis(log_probabilities, labels[..., None], axis=-1)[..., 0]
    if not label_smoothing:
        return -label
    return -(1.0 - label_smoothing) * label - label_smoothing * log_probabilities.mean(axis=-1)


def digits_workload(name: str, model: Model, batch_size: int, label_smoothing: float) -> Workload:
    """A classifier of the digits as a Workload; the data stay on the device."""
    entry = WORKLOADS[name]
    splits = digits.load_splits()
    train = jax.device_put({"image": splits["train"].images, "label": splits["train"].labels})

    def loss(
        params: PyTree, model_state: PyTree, batch: Batch, key: jax.Array
    ) -> tuple[jax.Array, tuple[PyTree, dict[str, jax.Array]]]:
        del key  # no dropout
        logits, model_state = model.apply(params, model_state, batch["image"], True)
        return cross_entropy(logits, batch["label"], label_smoothing).mean(), (model_state, {})

    @jax.jit
    def gather(indices: jax.Array) -> Batch:
        return {key: values[indices] for key, values in train.items()}

    def batches(seed: int, start_step: int) -> Iterator[Batch]:
        examples = len(splits["train"].labels)
        return map(gather, batch_indices(examples, batch_size, seed, start_step))

    return Workload(
        name=name,
        metric=entry.metric,
        goal=Goal(entry.goal),
        target=entry.target,
        batch_size=batch_size,
        fingerprint=_fingerprint(model.architecture, batch_size, label_smoothing),
        init=jax.jit(model.init),
        loss=loss,
        evaluate=make_evaluate(model.apply, splits),
        batches=batches,
    )


def make_evaluate(
    apply: Apply, splits: dict[str, digits.Split]
) -> Callable[[PyTree, PyTree, str], dict[str, float]]:
    """The `evaluate` of a workload: mean loss and accuracy of the splits `valid` and `test`.

    The splits go in chunks through one compiled program; the last chunk of a split is padded, and
    padding weighs nothing.
    """
    chunks = {name: jax.device_put(_chunks(splits[name])) for name in ("valid", "test")}

    @jax.jit
    def totals(params: PyTree, state: PyTree, chunk: Batch) -> tuple[jax.Array, jax.Array]:
        logits, _ = apply(params, state, chunk["image"], False)
        losses = cross_entropy(logits, chunk["label"]) * chunk["weight"]
        correct = (logits.argmax(axis=1) == chunk["label"]) & (chunk["weight"] > 0)
        return losses.sum(), correct.sum()

    def evaluate(params: PyTree, model_state: PyTree, split: str) -> dict[str, float]:
        examples = len(splits[split].labels)
        sums = jax.device_get([totals(params, model_state, chunk) for chunk in chunks[split]])
        loss, correct = (sum(column) for column in zip(*sums, strict=True))
        return {"loss": float(loss) / examples, "accuracy": int(correct) / examples}

    return evaluate


def _chunks(split: digits.Split) -> list[dict[str, np.ndarray]]:
    extra = -len(split.labels) % CHUNK
    whole = {
        "image": np.pad(split.images, [(0, extra), (0, 0), (0, 0), (0, 0)]),
        "label": np.pad(split.labels, [(0, extra)]),
        "weight": np.pad(np.ones(len(split.labels), np.float32), [(0, extra)]),
    }
    starts = range(0, len(whole["label"]), CHUNK)
    return [{key: array[s : s + CHUNK] for key, array in whole.items()} for s in starts]


def _fingerprint(architecture: str, batch_size: int, label_smoothing: float) -> str:
    facts: dict[str, Any] = {
        "architecture": architecture,
        "batch_size": batch_size,
        "data": digits.fingerprint(),
        "label_smoothing": label_smoothing,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
