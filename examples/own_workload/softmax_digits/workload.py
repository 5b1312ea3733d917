"""Softmax regression on scikit-learn's digits, as pure functions in plain JAX."""

import hashlib
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from sklearn.datasets import load_digits

from shampoo_tune.workloads.workload import Workload
from softmax_digits import ENTRY

SIZES = {"train": 1078, "valid": 359, "test": 360}


def softmax_digits(batch_size: int, l2: float = 0.0, label_smoothing: float = 0.0) -> Workload:
    """The workload; `l2` comes from `workload.args`, `label_smoothing` from `shared`."""
    splits = load_splits()
    digest = hashlib.sha256(repr((batch_size, l2, label_smoothing)).encode())
    for images, labels in splits.values():
        digest.update(images.tobytes() + labels.tobytes())

    def init(key: jax.Array) -> tuple[Any, Any]:
        weight = 0.01 * jax.random.normal(key, (64, 10))
        return {"weight": weight, "bias": jnp.zeros(10)}, {}  # no model state

    def loss(params: Any, model_state: Any, batch: Any, key: jax.Array) -> Any:
        targets = jax.nn.one_hot(batch["label"], 10) * (1 - label_smoothing) + label_smoothing / 10
        log_probabilities = jax.nn.log_softmax(logits(params, batch["image"]))
        penalty = l2 * jnp.sum(params["weight"] ** 2)
        return -(targets * log_probabilities).sum(axis=1).mean() + penalty, (model_state, {})

    def evaluate(params: Any, model_state: Any, split: str) -> dict[str, float]:
        images, labels = splits[split]
        total, correct = sums(params, images, labels)
        return {"loss": float(total) / len(labels), "accuracy": int(correct) / len(labels)}

    def batches(seed: int, start_step: int) -> Iterator[dict[str, jax.Array]]:
        images, labels = splits["train"]
        for step in range(start_step, 2**31):  # a batch depends on seed and step alone
            some = np.random.RandomState((seed, step)).choice(len(labels), batch_size)
            yield {"image": jnp.asarray(images[some]), "label": jnp.asarray(labels[some])}

    return Workload(
        name="softmax_digits",
        metric=ENTRY.metric,
        goal=ENTRY.goal,
        target=ENTRY.target,
        batch_size=batch_size,
        fingerprint=digest.hexdigest(),
        init=init,
        loss=loss,
        evaluate=evaluate,
        batches=batches,
    )


def logits(params: Any, images: jax.Array) -> jax.Array:
    """[n, 64] -> [n, 10]."""
    return images @ params["weight"] + params["bias"]


@jax.jit
def sums(params: Any, images: jax.Array, labels: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The sum of the losses, and the number of correct answers: counts, so that they are exact."""
    log_probabilities = jax.nn.log_softmax(logits(params, images))
    losses = -jnp.take_along_axis(log_probabilities, labels[:, None], axis=1)
    return losses.sum(), (log_probabilities.argmax(axis=1) == labels).sum()


def load_splits() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Images float32 [n, 64] in 0..1 and labels int32 [n]; the same split every time."""
    digits = load_digits()
    order = np.random.RandomState(0).permutation(len(digits.target))
    images = (digits.data[order] / 16).astype(np.float32)
    labels = digits.target[order].astype(np.int32)
    ends = np.cumsum(list(SIZES.values()))[:-1]
    parts = zip(np.split(images, ends), np.split(labels, ends), strict=True)
    return dict(zip(SIZES, parts, strict=True))
