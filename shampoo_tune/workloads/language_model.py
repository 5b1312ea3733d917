"""What language models share: windows of a text, the loss of a window, evaluation in one program.

A split is cut into windows that follow each other, each read from its first character on, and every
character of the split but the first is predicted exactly once.
"""

import hashlib
import json
from collections.abc import Callable, Iterator

import jax
import jax.numpy as jnp
import numpy as np

from shampoo_tune.workloads import WORKLOADS
from shampoo_tune.workloads.classification import Apply, Model, cross_entropy
from shampoo_tune.workloads.data_order import batch_indices
from shampoo_tune.workloads.text import split
from shampoo_tune.workloads.workload import Batch, PyTree, Workload

CHUNK = 1024  # characters evaluated at a time: their activations stay in a core's cache


def text_workload(
    name: str, model: Model, text: str, context: int, batch_size: int, label_smoothing: float
) -> Workload:
    """A language model of the characters of a text as a Workload; the data stay on the device.

    Args:
        name: the workload's.
        model: tokens [n, t] to logits [n, t, distinct characters].
        text: all splits together; each is longer than the context.
        context: characters that are read to predict the next, at most.
        batch_size: windows of a step.
        label_smoothing: of the training loss.
    """
    entry = WORKLOADS[name]
    vocabulary = "".join(sorted(set(text)))
    splits = {part: tokens(content, vocabulary) for part, content in split(text).items()}
    train = jax.device_put(splits["train"])
    windows = (len(splits["train"]) - 1) // context

    def loss(
        params: PyTree, model_state: PyTree, batch: Batch, key: jax.Array
    ) -> tuple[jax.Array, tuple[PyTree, dict[str, jax.Array]]]:
        del key  # no dropout
        read, wanted = batch["text"][:, :-1], batch["text"][:, 1:]
        logits, model_state = model.apply(params, model_state, read, True)
        return cross_entropy(logits, wanted, label_smoothing).mean(), (model_state, {})

    @jax.jit
    def gather(indices: jax.Array) -> Batch:
        return {"text": train[indices[:, None] * context + jnp.arange(context + 1)]}

    def batches(seed: int, start_step: int) -> Iterator[Batch]:
        return map(gather, batch_indices(windows, batch_size, seed, start_step))

    return Workload(
        name=name,
        metric=entry.metric,
        goal=entry.goal,
        target=entry.target,
        batch_size=batch_size,
        fingerprint=_fingerprint(model.architecture, text, vocabulary, batch_size, label_smoothing),
        init=jax.jit(model.init),
        loss=loss,
        evaluate=make_evaluate(model.apply, splits, context),
        batches=batches,
    )


def tokens(text: str, vocabulary: str) -> np.ndarray:
    """The place of each character in the vocabulary, int32 [characters]."""
    places = {character: place for place, character in enumerate(vocabulary)}
    return np.fromiter(map(places.__getitem__, text), np.int32, len(text))


def make_evaluate(
    apply: Apply, splits: dict[str, np.ndarray], context: int
) -> Callable[[PyTree, PyTree, str], dict[str, float]]:
    """The `evaluate` of a workload: mean loss of the splits `valid` and `test` in nats a character.

    Windows go in chunks through one compiled program; the last are padded, and padding weighs
    nothing.
    """
    chunks = {name: jax.device_put(_chunks(splits[name], context)) for name in ("valid", "test")}

    @jax.jit
    def total(params: PyTree, state: PyTree, chunk: Batch) -> jax.Array:
        logits, _ = apply(params, state, chunk["read"], False)
        return (cross_entropy(logits, chunk["wanted"]) * chunk["weight"]).sum()

    def evaluate(params: PyTree, model_state: PyTree, split: str) -> dict[str, float]:
        totals = jax.device_get([total(params, model_state, chunk) for chunk in chunks[split]])
        return {"loss": sum(map(float, totals)) / (len(splits[split]) - 1)}

    return evaluate


def _chunks(text: np.ndarray, context: int) -> list[dict[str, np.ndarray]]:
    """Arrays [windows, context]: characters read, characters wanted, and 1, or 0 for padding."""
    windows = max(1, CHUNK // context)
    predicted = len(text) - 1
    parts = {"read": text[:-1], "wanted": text[1:], "weight": np.ones(predicted, np.float32)}
    extra = -predicted % (windows * context)
    whole = {
        name: np.pad(part, (0, extra)).reshape(-1, windows, context) for name, part in parts.items()
    }
    return [dict(zip(whole, chunk, strict=True)) for chunk in zip(*whole.values(), strict=True)]


def _fingerprint(
    architecture: str, text: str, vocabulary: str, batch_size: int, label_smoothing: float
) -> str:
    facts = {
        "architecture": architecture,
        "batch_size": batch_size,
        "data": hashlib.sha256(text.encode()).hexdigest(),
        "label_smoothing": label_smoothing,
        "vocabulary": vocabulary,
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
