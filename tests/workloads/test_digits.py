"""The data: always the same images, in splits that do not overlap, in a reproducible order."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from shampoo_tune.workloads import digits


def test_splits_hold_every_image_of_scikit_learn_exactly_once() -> None:
    splits = digits.load_splits()
    assert [len(split.labels) for split in splits.values()] == [1078, 359, 360]
    images = np.concatenate([split.images.reshape(-1, 64) for split in splits.values()])
    labels = np.concatenate([split.labels for split in splits.values()])
    source = load_digits()
    scale = source.data.max() / (images.max() - images.min())
    restored = np.rint((images - images.min()) * scale)
    ours = sorted(map(tuple, np.column_stack([restored, labels])))
    theirs = sorted(map(tuple, np.column_stack([source.data, source.target])))
    assert ours == theirs


def test_training_images_are_standardised() -> None:
    images = digits.load_splits()["train"].images
    assert images.dtype == np.float32
    assert abs(images.mean()) < 1e-5
    assert images.std() == pytest.approx(1, abs=1e-5)


def test_fingerprint_is_pinned() -> None:
    """A change of the data or of the splits makes old studies incomparable: do it knowingly."""
    assert digits.fingerprint().startswith("c673432e6ef52d42")


@given(st.integers(1, 50), st.integers(1, 120), st.integers(0, 2**40), st.integers(0, 30))
def test_any_step_can_be_reached_directly(
    examples: int, batch_size: int, seed: int, start: int
) -> None:
    from_zero = digits.batch_indices(examples, batch_size, seed, 0)
    directly = digits.batch_indices(examples, batch_size, seed, start)
    np.testing.assert_array_equal(next(itertools.islice(from_zero, start, None)), next(directly))


@given(st.integers(1, 50), st.integers(1, 120), st.integers(0, 2**40))
def test_every_epoch_holds_every_example_once(examples: int, batch_size: int, seed: int) -> None:
    batches = digits.batch_indices(examples, batch_size, seed, 0)
    stream = np.concatenate(list(itertools.islice(batches, 3 * examples // batch_size + 1)))
    for epoch in range(3):
        part = stream[epoch * examples : (epoch + 1) * examples]
        if len(part) == examples:
            assert sorted(part) == list(range(examples))


def test_epochs_and_seeds_shuffle_differently() -> None:
    batches = digits.batch_indices(100, 100, 0, 0)
    first, second = next(batches), next(batches)
    other = next(digits.batch_indices(100, 100, 1, 0))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, other)
