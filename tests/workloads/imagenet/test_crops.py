"""Boxes: within the image, of the permitted area and aspect, and spread as MLPerf's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.workloads.imagenet.crops import ATTEMPTS, Box, central_box, random_box

SIDES = st.integers(1, 3000)


def draw(width: int, height: int, seed: int, min_area: float = 0.08) -> Box:
    uniforms = np.random.RandomState(seed).random_sample((ATTEMPTS, 4))
    return random_box(width, height, uniforms, min_area)


@given(SIDES, SIDES, st.integers(0, 2**32 - 1), st.sampled_from([0.05, 0.08, 0.3, 1.0]))
def test_a_box_lies_in_the_image_and_has_the_area_and_aspect_it_may(
    width: int, height: int, seed: int, min_area: float
) -> None:
    box = left, top, right, bottom = draw(width, height, seed, min_area)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    if box == (0, 0, width, height):
        return
    wide, tall = right - left, bottom - top
    assert wide * tall >= max(min_area, 0.1) * width * height
    assert 0.75 * tall - 0.5 <= wide <= 1.33 * tall + 0.5


@given(st.floats(0, 1, exclude_max=True), st.floats(0, 1, exclude_max=True))
def test_the_largest_uniforms_stay_inside(aspect: float, other: float) -> None:
    largest = np.full((ATTEMPTS, 4), np.nextafter(1, 0))
    largest[:, :2] = aspect, other
    left, top, right, bottom = random_box(640, 427, largest)
    assert 0 <= left < right <= 640
    assert 0 <= top < bottom <= 427


@pytest.mark.parametrize(("width", "height"), [(1000, 10), (10, 1000), (1, 21)])
def test_an_image_in_which_no_box_covers_a_tenth_is_used_whole(width: int, height: int) -> None:
    assert all(draw(width, height, seed) == (0, 0, width, height) for seed in range(50))


def test_heights_are_uniform_for_each_aspect() -> None:
    """In a square, where an aspect of 1 permits every height from sqrt(0.1) of the side on."""
    uniforms = np.random.RandomState(0).random_sample((4000, ATTEMPTS, 4))
    uniforms[:, :, 0] = (1 - 0.75) / (1.33 - 0.75)  # aspect 1
    boxes = np.array([random_box(500, 500, each) for each in uniforms])
    heights = boxes[:, 3] - boxes[:, 1]
    least = int(np.ceil(np.sqrt(0.1) * 500))
    assert heights.min() <= least + 2
    assert heights.max() >= 498
    counts, _ = np.histogram(heights, bins=8, range=(least, 501))
    assert np.abs(counts / 500 - 1).max() < 0.2


def test_boxes_are_spread_as_by_the_definition_recomputed() -> None:
    """Means of area, aspect and place over real proportions, against arrays drawn at once."""
    width, height, n = 640, 427, 200_000
    aspect, tall, left, top = np.random.RandomState(1).random_sample((4, n))
    aspect = 0.75 + (1.33 - 0.75) * aspect
    least = np.rint(np.sqrt(0.08 * width * height / aspect))
    most = np.minimum(np.minimum(height, np.rint(np.sqrt(width * height / aspect))), 640.5 / aspect)
    tall = least + np.floor(tall * (np.floor(most) - least + 1))
    wide = np.rint(aspect * tall)
    good = wide * tall >= 0.1 * width * height
    area, aspect = (wide * tall / (width * height))[good], (wide / tall)[good]
    x, y = (np.floor(left * (width - wide)))[good], (np.floor(top * (height - tall)))[good]
    ours = np.array([draw(width, height, seed) for seed in range(5000)])
    our_wide, our_tall = ours[:, 2] - ours[:, 0], ours[:, 3] - ours[:, 1]
    our_area = our_wide * our_tall / (width * height)
    assert our_area.mean() == pytest.approx(area.mean(), abs=0.01)
    assert np.quantile(our_area, [0.1, 0.5, 0.9]) == pytest.approx(
        np.quantile(area, [0.1, 0.5, 0.9]), abs=0.02
    )
    assert (our_wide / our_tall).mean() == pytest.approx(aspect.mean(), abs=0.01)
    assert ours[:, 0].mean() == pytest.approx(x.mean(), rel=0.05)
    assert ours[:, 1].mean() == pytest.approx(y.mean(), rel=0.05)


@pytest.mark.parametrize(
    ("width", "height", "box"),
    [
        (500, 375, (86, 24, 414, 352)),
        (256, 256, (16, 16, 240, 240)),
        (640, 427, (134, 27, 507, 400)),
        (1, 1, (0, 0, 1, 1)),
        (3, 5, (1, 2, 3, 4)),
    ],
)
def test_the_central_box_has_seven_eighths_of_the_shorter_side(
    width: int, height: int, box: Box
) -> None:
    assert central_box(width, height) == box


@given(SIDES, SIDES, st.integers(1, 500))
def test_the_central_box_lies_in_the_image(width: int, height: int, size: int) -> None:
    left, top, right, bottom = central_box(width, height, size)
    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height
    assert right - left == bottom - top
