"""The peer does the work of the pipeline, and how far other ways are from it."""

import itertools
from pathlib import Path

import numpy as np

from benchmarks.imagenet import PEER, best, layouts, same_work
from benchmarks.imagenet_ways import WAYS
from shampoo_tune.workloads.imagenet.batches import training_batches
from tests.workloads.imagenet.pictures import photographs


def test_the_loop_gives_the_pixels_of_the_pipeline(tmp_path: Path) -> None:
    for _, examples in layouts(photographs(), tmp_path):
        batches = training_batches(examples, 32, 0, 0, threads=1)
        (ours,) = itertools.islice(batches, 2, 3)
        batches.close()  # type: ignore[attr-defined]  # a generator
        for image, work in zip(ours["image"], same_work(examples)[:32], strict=True):
            pixels = WAYS[PEER](*work)
            assert (image == pixels).all() or (image == pixels[:, ::-1]).all()


def test_faster_ways_are_close_and_not_the_same() -> None:
    data, box = photographs()[0], (0, 0, 640, 427)
    exact = WAYS[PEER](data, box).astype(np.int16)
    for name in ("`reducing_gap=2`", "`draft`"):
        apart = np.abs(WAYS[name](data, box) - exact)
        assert apart.mean() < 8
    assert (WAYS["`resize(box=...)` without `crop`"](data, box) == exact).all()


def test_the_best_round_counts() -> None:
    spent = iter([1.0, 0.5, 0.25])
    assert best({"way": lambda: next(spent)}, 3) == {"way": 4.0}
