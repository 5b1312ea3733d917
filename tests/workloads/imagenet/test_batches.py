"""Batches: the same bits wherever the iteration began, whoever shares them, and by any threads."""

import itertools
import threading
from pathlib import Path

import numpy as np
import pytest

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.workloads.data_order import batch_indices
from shampoo_tune.workloads.imagenet.batches import Batch, evaluation_batches, training_batches
from shampoo_tune.workloads.imagenet.examples import Examples, open_examples
from tests.workloads.imagenet.pictures import make_folder

SIZE = 24


@pytest.fixture(params=["image_folder", "prepared"])
def train(request: pytest.FixtureRequest) -> Examples:
    """Twelve examples."""
    return open_examples(str(request.getfixturevalue(request.param)), "train")


def first(
    examples: Examples,
    steps: int,
    *,
    start: int = 0,
    process_index: int = 0,
    process_count: int = 1,
    threads: int | None = 2,
) -> list[Batch]:
    batches = training_batches(
        examples,
        8,
        3,
        start,
        process_index=process_index,
        process_count=process_count,
        size=SIZE,
        threads=threads,
    )
    return list(itertools.islice(batches, steps))


def same(one: list[Batch], other: list[Batch]) -> bool:
    return len(one) == len(other) and all(
        a.keys() == b.keys() and all(np.array_equal(a[key], b[key]) for key in a)
        for a, b in zip(one, other, strict=True)
    )


def test_a_batch_has_these_shapes(train: Examples) -> None:
    (batch,) = first(train, 1)
    assert {key: (value.shape, value.dtype.name) for key, value in batch.items()} == {
        "image": ((8, SIZE, SIZE, 3), "uint8"),
        "label": ((8,), "int32"),
    }


def test_labels_follow_the_order_of_the_seed(train: Examples) -> None:
    labels = np.array([train[i][1] for i in range(len(train))])
    for batch, indices in zip(first(train, 4), batch_indices(12, 8, 3, 0), strict=False):
        np.testing.assert_array_equal(batch["label"], labels[indices])


def test_a_resumed_iteration_gives_the_same_batches(train: Examples) -> None:
    whole = first(train, 6)
    for start in (1, 4):
        assert same(first(train, 6 - start, start=start), whole[start:])


def test_the_threads_change_nothing(train: Examples) -> None:
    assert same(first(train, 4, threads=1), first(train, 4, threads=4))
    assert same(first(train, 4, threads=1), first(train, 4, threads=None))


def test_four_processes_have_the_parts_of_one(train: Examples) -> None:
    parts = [first(train, 3, start=2, process_index=k, process_count=4) for k in range(4)]
    joined = [
        {key: np.concatenate([part[step][key] for part in parts]) for key in ("image", "label")}
        for step in range(3)
    ]
    assert same(joined, first(train, 3, start=2))


def test_unequal_parts_are_refused_before_anything_is_read(train: Examples) -> None:
    with pytest.raises(InvalidInputError, match="multiple of 3"):
        training_batches(train, 8, 0, 0, process_count=3)


def test_whoever_stops_early_leaves_no_thread(train: Examples) -> None:
    batches = training_batches(train, 8, 0, 0, size=SIZE, threads=3)
    next(batches)
    assert any("grain" in thread.name for thread in threading.enumerate())
    working = [thread for thread in threading.enumerate() if "grain" in thread.name]
    batches.close()  # type: ignore[attr-defined]  # it is a generator
    for thread in working:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in working)


def test_a_broken_image_is_named_by_the_batch_that_needs_it(tmp_path: Path) -> None:
    root = make_folder(tmp_path, 4)
    broken = root / "train" / "n02" / "n02_1.JPEG"
    broken.write_bytes(broken.read_bytes()[:-20])
    with pytest.raises(ShampooTuneError, match=f"{broken} cannot be decoded"):
        first(open_examples(str(root), "train"), 2)


@pytest.mark.parametrize("layout", ["image_folder", "prepared"])
@pytest.mark.parametrize("batch_size", [4, 6, 16])
def test_an_evaluation_weighs_every_example_once_and_in_order(
    layout: str, batch_size: int, request: pytest.FixtureRequest
) -> None:
    valid = open_examples(str(request.getfixturevalue(layout)), "valid")
    parts = [
        list(evaluation_batches(valid, batch_size, process_index=k, process_count=2, size=SIZE))
        for k in range(2)
    ]
    assert len(parts[0]) == len(parts[1]) == -(-6 // batch_size)
    rows = [np.concatenate(pair) for pair in _column(parts, "label")]
    weights = np.concatenate([np.concatenate(pair) for pair in _column(parts, "weight")])
    assert weights.dtype == np.float32
    assert weights.tolist() == [1.0] * 6 + [0.0] * (len(weights) - 6)
    assert np.concatenate(rows)[:6].tolist() == [valid[i][1] for i in range(6)]


def test_ten_examples_in_batches_of_four_over_two_processes(tmp_path: Path) -> None:
    root = make_folder(tmp_path, 4)
    for name in ("n02_3", "n03_3"):
        (root / "train" / name[:3] / f"{name}.JPEG").unlink()
    examples = open_examples(str(root), "train")
    weights = [
        [
            batch["weight"].tolist()
            for batch in evaluation_batches(
                examples, 4, process_index=k, process_count=2, size=SIZE
            )
        ]
        for k in range(2)
    ]
    assert weights == [[[1, 1], [1, 1], [1, 1]], [[1, 1], [1, 1], [0, 0]]]


def _column(parts: list[list[Batch]], key: str) -> list[tuple[np.ndarray, ...]]:
    return [tuple(batch[key] for batch in pair) for pair in zip(*parts, strict=True)]
