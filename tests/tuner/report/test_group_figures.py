"""The views in which studies stand side by side."""

import dataclasses
import json

from shampoo_tune.tuner.report.group_figures import (
    best_of_k_figures,
    seed_bands_figure,
    seeds_figure,
)
from shampoo_tune.tuner.report.measured_curves import MeasuredCurves
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
