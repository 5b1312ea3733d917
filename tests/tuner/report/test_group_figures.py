"""The views in which studies stand side by side."""

import dataclasses
import json
import re

import numpy as np

from shampoo_tune.tuner.report.group_figures import (
    best_of_k_figures,
    seed_bands_figure,
    seeds_figure,
)
from shampoo_tune.tuner.report.measured_curves import Curve, MeasuredCurves
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_final, with_search


def two(base: StudyData) -> list[StudyData]:
    first = with_final(with_search(base, [0.5, 0.6, None]), [0.5] * 7)
    second = with_final(with_search(base, [0.4, 0.7]), [0.6] * 7)
    return [first, dataclasses.replace(second, name="quick/other", arm="other")]


def test_all_seeds_are_over_one_axis(base: StudyData) -> None:
    figure = seeds_figure(two(base))
    assert len(figure.drawings) == 1
    assert set(figure.data) == {"quick/nesterov", "quick/other"}
    json.dumps(figure.data, allow_nan=False)


def test_several_studies_are_compared_and_one_is_not(base: StudyData) -> None:
    compared, boxes = best_of_k_figures(two(base))
    assert [row["ks"] for row in compared.data] == [[1, 2], [1, 2]]
    assert len(boxes.drawings) == 2
    assert compared.table is not None
    assert compared.table.headers == ("study", "k = 1", "k = 2")
    (alone,) = best_of_k_figures(two(base)[:1])
    assert alone.key == "best-of-k"


def test_the_bands_of_all_studies_have_one_y_axis(base: StudyData) -> None:
    steps = np.array([10, 30])
    measured = []
    for level in (0.5, 0.8):
        values = [np.array([level - 0.1, level + seed / 100]) for seed in range(7)]
        final = tuple(Curve(0, seed, steps, value) for seed, value in enumerate(values))
        measured.append(MeasuredCurves({}, final, None))
    first, second = seed_bands_figure(two(base), measured).drawings
    ticks = [re.findall(r'text-anchor="end">([0-9.]+)<', drawing) for drawing in (first, second)]
    assert ticks[0] == ticks[1] != []


def test_given_points_are_marked(base: StudyData) -> None:
    (figure,) = best_of_k_figures([dataclasses.replace(two(base)[0], enqueued=2)])
    assert "quick/nesterov: 2 points were given by the file, not searched." in figure.notes


def test_what_is_absent_says_why(base: StudyData) -> None:
    adaptive = [dataclasses.replace(study, sampler="tpe") for study in two(base)]
    (figure,) = best_of_k_figures(adaptive)
    assert figure.drawings == ()
    assert "withheld" in figure.notes[0]
    unstarted = with_search(base, [0.5])
    assert seeds_figure([unstarted]).notes == ("Not shown: no final run has a verdict yet.",)
    nothing = MeasuredCurves({}, (), None)
    assert seed_bands_figure([unstarted], [nothing]).drawings == ()
