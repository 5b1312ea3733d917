"""Cross-entropy and evaluation against numpy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import log_softmax

from shampoo_tune.workloads import digits, make_workload
from shampoo_tune.workloads.classification import cross_entropy, make_evaluate


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
def test_cross_entropy_equals_the_definition(smoothing: float) -> None:
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(7, 5)).astype(np.float32), rng.integers(0, 5, 7)
    wanted = np.full((7, 5), smoothing / 5)
    wanted[np.arange(7), labels] += 1 - smoothing
    expected = -(wanted * log_softmax(logits, axis=1)).sum(axis=1)
    measured = cross_entropy(jnp.asarray(logits), jnp.asarray(labels), smoothing)
    np.testing.assert_allclose(measured, expected, rtol=1e-5)


def test_evaluation_equals_numpy_and_padding_weighs_nothing() -> None:
    splits = digits.load_splits()
    weights = np.random.default_rng(0).normal(size=(64, 10)).astype(np.float32)

    def apply(params: jax.Array, state: None, images: jax.Array, training: bool) -> object:
        return images.reshape(images.shape[0], -1) @ params, state

    evaluate = make_evaluate(apply, splits)  # type: ignore[arg-type]
    for name in ("valid", "test"):
        split = splits[name]
        logits = split.images.reshape(-1, 64) @ weights
        losses = -log_softmax(logits, axis=1)[np.arange(len(logits)), split.labels]
        measured = evaluate(weights, None, name)
        assert measured["accuracy"] == (logits.argmax(axis=1) == split.labels).sum() / len(logits)
        assert measured["loss"] == pytest.approx(losses.mean(), rel=1e-5)


def test_what_changes_results_changes_the_fingerprint() -> None:
    prints = {
        make_workload("mlp_digits", 64).fingerprint,
        make_workload("mlp_digits", 128).fingerprint,
        make_workload("mlp_digits", 64, label_smoothing=0.1).fingerprint,
        make_workload("resnet_digits", 64).fingerprint,
    }
    assert len(prints) == 4
    assert make_workload("mlp_digits", 64).fingerprint in prints
