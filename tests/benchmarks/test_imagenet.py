"""The peer does the same work as the pipeline, and ways that call themselves exact are."""

import numpy as np

from benchmarks.imagenet import best, draw_boxes
from benchmarks.imagenet_ways import WAYS
from shampoo_tune.workloads.imagenet.decoding import cropped, decode
from tests.workloads.imagenet.pictures import photographs


def test_the_loop_gives_the_pixels_of_the_pipeline() -> None:
    for data, box in zip(photographs(), draw_boxes(2), strict=True):
        ours = cropped(decode(data, "it"), box, 224)
        np.testing.assert_array_equal(WAYS["plain Pillow loop"](data, box), ours)


def test_faster_ways_are_close_and_not_the_same() -> None:
    data, box = photographs()[0], (0, 0, 640, 427)
    exact = WAYS["plain Pillow loop"](data, box).astype(np.int16)
    for name in ("`reducing_gap=2`", "`draft`"):
        apart = np.abs(WAYS[name](data, box) - exact)
        assert apart.mean() < 8
    assert (WAYS["`resize(box=...)` without `crop`"](data, box) == exact).all()


def test_the_best_round_counts() -> None:
    spent = iter([1.0, 0.5, 0.25])
    assert best({"way": lambda: next(spent)}, 3) == {"way": 4.0}
