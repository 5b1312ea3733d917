"""Windows of a text, and the mean loss of a split, against numpy."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax

from shampoo_tune.workloads.classification import Model
from shampoo_tune.workloads.language_model import make_evaluate, text_workload, tokens
from shampoo_tune.workloads.text import split
from shampoo_tune.workloads.workload import Workload

TEXT = "the quick brown fox jumps over the lazy dog. " * 40
VOCABULARY = "".join(sorted(set(TEXT)))


def apply(params: jax.Array, state: Any, text: jax.Array, training: bool) -> Any:
    """Logits of the next character by the one before it alone."""
    return params[text], state


BIGRAMS = Model(lambda key: (jnp.zeros((28, 28)), {}), apply, "bigrams")


def workload(text: str = TEXT, batch_size: int = 4, smoothing: float = 0.0) -> Workload:
    return text_workload("transformer_lm", BIGRAMS, text, 8, batch_size, smoothing)


@pytest.fixture(scope="module")
def bigrams() -> Workload:
    return workload()


def test_characters_are_numbered_in_their_order() -> None:
    assert tokens("bca", "abc").tolist() == [1, 2, 0]
    assert "".join(VOCABULARY[place] for place in tokens(TEXT, VOCABULARY)) == TEXT


def test_an_epoch_wants_every_character_of_the_training_split_once(bigrams: Workload) -> None:
    train = tokens(split(TEXT)["train"], VOCABULARY)
    windows = (len(train) - 1) // 8
    found = list(itertools.islice(bigrams.batches(0, 0), windows // 4))
    texts = np.concatenate([batch["text"] for batch in found])
    assert texts.shape == (windows // 4 * 4, 9)
    expected = {tuple(train[start : start + 9]) for start in range(0, 8 * windows, 8)}
    assert {tuple(text) for text in texts.tolist()} <= expected


@settings(max_examples=10)
@given(st.integers(0, 2**40), st.integers(0, 60))
def test_any_step_can_be_reached_directly(seed: int, start: int) -> None:
    first = BATCHES(seed, 0)
    directly = next(BATCHES(seed, start))["text"]
    np.testing.assert_array_equal(next(itertools.islice(first, start, None))["text"], directly)


BATCHES = workload().batches


def test_seeds_order_the_text_differently(bigrams: Workload) -> None:
    one, other = (np.asarray(next(bigrams.batches(seed, 0))["text"]) for seed in (0, 1))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("context", [1, 7, 8, 1024, 5000])
def test_evaluation_is_the_mean_over_every_character_but_the_first(context: int) -> None:
    text = tokens(TEXT * 2, VOCABULARY)
    weights = np.random.default_rng(0).normal(size=(28, 28)).astype(np.float32)
    evaluate = make_evaluate(apply, {"valid": text[:1501], "test": text}, context)
    for name, part in (("valid", text[:1501]), ("test", text)):
        expected = -log_softmax(weights, axis=1)[part[:-1], part[1:]].mean()
        assert evaluate(weights, {}, name)["loss"] == pytest.approx(expected, rel=1e-6)


def test_the_loss_is_the_mean_over_the_batch_and_may_be_smoothed(bigrams: Workload) -> None:
    params = jnp.asarray(np.random.default_rng(0).normal(size=(28, 28)), jnp.float32)
    batch = next(bigrams.batches(0, 0))
    text = np.asarray(batch["text"])
    log_probabilities = log_softmax(np.asarray(params), axis=1)[text[:, :-1]]
    wanted = np.eye(28)[text[:, 1:]]
    for smoothing in (0.0, 0.1):
        label = (1 - smoothing) * wanted + smoothing / 28
        expected = -(label * log_probabilities).sum(axis=-1).mean()
        smoothed = workload(smoothing=smoothing)
        loss, _ = smoothed.loss(params, {}, batch, jax.random.key(0))
        assert float(loss) == pytest.approx(expected, rel=1e-5)


def test_text_batch_size_and_smoothing_are_in_the_fingerprint() -> None:
    prints = {
        workload().fingerprint,
        workload(TEXT + "!").fingerprint,
        workload(TEXT.replace("fox", "cat")).fingerprint,
        workload(batch_size=5).fingerprint,
        workload(smoothing=0.1).fingerprint,
    }
    assert len(prints) == 5
    assert workload().fingerprint in prints
