"""Marks: one each while there are few, one path when there are many."""

import re

import numpy as np

from shampoo_tune.tuner.report.drawing.marks import (
    MANY,
    NO_TRIALS,
    band,
    crosses,
    dots,
    jitter,
    polyline,
    step_line,
)


def test_few_points_are_circles_with_their_texts() -> None:
    drawn = dots(np.array([1.0, 2.0]), np.array([3.0, 4.0]), "dot", ["a", "b"])
    assert len(drawn) == 2
    assert drawn[0] == '<circle cx="1" cy="3" r="3" class="dot"><title>a</title></circle>'


def test_many_points_are_one_path_with_every_point_in_it() -> None:
    x = np.linspace(0, 300, MANY + 1)
    (path,) = dots(x, x, "dot")
    assert path.count("h0") == MANY + 1
    (cross,) = crosses(x, x)
    assert cross.count("M") == MANY + 1
    assert len(dots(x[:MANY], x[:MANY], "dot", ["a"] * MANY)) == MANY


def test_a_path_of_many_points_knows_their_trials() -> None:
    x = np.linspace(0, 300, MANY)
    numbers = [0, 1, 2, 5, *range(7, 7 + MANY - 4)]
    (path,) = dots(x, x, "dot", trials=np.array(numbers))
    (cross,) = crosses(x, x, trials=np.array(numbers))
    for drawn in (path, cross):
        assert f'data-trials="0-2 5 7-{numbers[-1]}"' in drawn


def test_a_few_marks_without_texts_know_their_trials_too() -> None:
    x = np.array([1.0, 2.0])
    (path,) = dots(x, x, "dot top", trials=np.array([3, 9]))
    (cross,) = crosses(x, x, trials=np.array([3, 9]))
    assert 'data-trials="3 9"' in path
    assert 'data-trials="3 9"' in cross
    assert dots(x[:0], x[:0], "dot", trials=NO_TRIALS) == []


def test_without_texts_even_fewer_points_are_one_path() -> None:
    x = np.linspace(0, 300, 101)
    assert len(dots(x, x, "dot")) == len(crosses(x, x)) == 1
    assert len(dots(x, x, "dot", ["a"] * 101)) == len(crosses(x, x, ["a"] * 101)) == 101
    assert len(dots(x[1:], x[1:], "dot")) == len(crosses(x[1:], x[1:])) == 100


def test_places_are_written_to_a_tenth_of_a_pixel() -> None:
    x = np.linspace(0, 720, 3 * MANY)
    (path,) = dots(x, x[::-1], "dot")
    found = np.array(re.findall(r"M([0-9.]+) ([0-9.]+)h0", path), float)
    assert np.abs(found - np.stack([x, x[::-1]], axis=1)).max() < 0.0501


def test_a_step_line_keeps_its_value_until_the_next_change() -> None:
    drawn = step_line(np.array([0.0, 1.0, 2.0, 3.0]), np.array([9.0, 9.0, 5.0, 5.0]), "line")
    assert 'd="M0.0 9.0H2.0V5.0H3.0"' in drawn


def test_a_band_goes_along_one_line_and_back_along_the_other() -> None:
    x = np.array([0.0, 1.0])
    assert 'd="M0.0 1.0L1.0 2.0L1.0 4.0L0.0 3.0Z"' in band(
        x, np.array([1.0, 2.0]), np.array([3.0, 4.0]), "band"
    )
    assert 'd="M0.0 1.0L1.0 2.0"' in polyline(x, np.array([1.0, 2.0]), "line")


def test_neighbours_are_kept_apart() -> None:
    places = jitter(50)
    assert np.abs(places).max() <= 1
    assert np.abs(np.diff(places)).min() > 0.5
    assert re.fullmatch(r"\[.*\]", str(jitter(0).tolist()))
