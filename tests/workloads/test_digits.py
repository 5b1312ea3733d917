"""The data: always the same images, in splits that do not overlap."""

import numpy as np
import pytest
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
