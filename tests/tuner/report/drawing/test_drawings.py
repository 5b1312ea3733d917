"""Every drawing: well formed, inside its size, with as many marks as there are values."""

import dataclasses
import math
import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from shampoo_tune.study import Goal
from shampoo_tune.tuner.report.axis_plots import axis_plots
from shampoo_tune.tuner.report.best_of_k import simulated_budget
from shampoo_tune.tuner.report.best_step import best_steps
from shampoo_tune.tuner.report.curves import training_curves
from shampoo_tune.tuner.report.drawing.axis_plots import draw_axis_plots
from shampoo_tune.tuner.report.drawing.best_of_k import draw_boxes, draw_compared
from shampoo_tune.tuner.report.drawing.best_step import draw_best_steps
from shampoo_tune.tuner.report.drawing.curves import draw_curves
from shampoo_tune.tuner.report.drawing.history import draw_history
from shampoo_tune.tuner.report.drawing.importance import draw_importance
from shampoo_tune.tuner.report.drawing.isolation import draw_isolation
from shampoo_tune.tuner.report.drawing.marks import MANY
from shampoo_tune.tuner.report.drawing.seed_band import draw_seed_band
from shampoo_tune.tuner.report.drawing.seeds import draw_seeds
from shampoo_tune.tuner.report.history import history
from shampoo_tune.tuner.report.importance import importances
from shampoo_tune.tuner.report.isolation import isolation_plots
from shampoo_tune.tuner.report.measured_curves import Curve, MeasuredCurves
from shampoo_tune.tuner.report.seed_band import seed_band
from shampoo_tune.tuner.report.seeds import final_seeds
from shampoo_tune.tuner.study_data import StudyData
from tests.tuner.report.studies import with_final, with_search

STEPS = np.array([10, 20, 30])
CURVES = tuple(Curve(0, seed, STEPS, np.array([0.2, 0.5, 0.6])) for seed in range(3))
MEASURED = MeasuredCurves({"train_loss": CURVES[:1], "valid_accuracy": CURVES[:1]}, CURVES,
                          CURVES[0])  # fmt: skip
DRAW: dict[str, Callable[[Any], list[str]]] = {
    "history": lambda study: [draw_history(history(study))],  # type: ignore[arg-type]
    "axis plots": lambda study: draw_axis_plots(axis_plots(study)),  # type: ignore[arg-type]
    "isolation": lambda study: draw_isolation(isolation_plots(study)),  # type: ignore[arg-type]
    "best of k": lambda study: [draw_boxes(simulated_budget(study))],  # type: ignore[arg-type]
    "compared": lambda study: [draw_compared([simulated_budget(study)] * 2)],  # type: ignore[list-item]
    "seeds": lambda study: [draw_seeds([final_seeds(study)] * 2)],
    "seed band": lambda study: [draw_seed_band(seed_band(study, MEASURED), "a0")],  # type: ignore[arg-type]
    "curves": lambda study: draw_curves(training_curves(study, MEASURED)),  # type: ignore[arg-type]
    "best step": lambda study: [draw_best_steps(best_steps(study))],  # type: ignore[arg-type]
    "importance": lambda study: [draw_importance(importances(study))],  # type: ignore[arg-type]
}


def some_study(base: StudyData, n: int = 40, goal: Goal = Goal.MAXIMIZE) -> StudyData:
    """A study with a tenth of its trials infeasible, and one final seed."""
    rng = np.random.default_rng(0)
    values = [None if i % 10 == 3 else float(rng.random()) for i in range(n)]
    final = [0.5, 0.6, -math.inf if goal is Goal.MAXIMIZE else math.inf] * 3
    return with_final(with_search(base, values, goal), final)


@pytest.mark.parametrize("goal", list(Goal))
@pytest.mark.parametrize("name", DRAW)
def test_every_mark_lies_inside_its_drawing(base: StudyData, name: str, goal: Goal) -> None:
    for drawing in DRAW[name](some_study(base, goal=goal)):
        root = ElementTree.fromstring(drawing)  # noqa: S314  (written here)
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        for element in root.iter():
            for key, value in element.attrib.items():
                if key in {"x", "x1", "x2", "cx"}:
                    assert 0 <= float(value) <= width, (name, element.attrib)
                if key in {"y", "y1", "y2", "cy"}:
                    assert 0 <= float(value) <= height, (name, element.attrib)
                if key in {"width", "height"} and element.tag.endswith("rect"):
                    assert float(value) >= 0
        assert "nan" not in drawing
        assert "inf" not in drawing.replace("infeasible", "")


@pytest.mark.parametrize("name", DRAW)
def test_a_name_that_is_markup_stays_text(base: StudyData, name: str) -> None:
    evil = "</svg><script>alert(1)</script>\"'&"
    study = dataclasses.replace(some_study(base), name=evil, arm=evil, metric=evil)
    for drawing in DRAW[name](study):
        ElementTree.fromstring(drawing)  # noqa: S314  (written here)
        assert "<script" not in drawing


def test_every_trial_has_a_mark(base: StudyData) -> None:
    study = some_study(base)
    drawing = draw_history(history(study))  # type: ignore[arg-type]
    assert drawing.count("<circle") == 36
    assert drawing.count('class="cross"') == 4
    for drawing in draw_axis_plots(axis_plots(study)):  # type: ignore[arg-type]
        assert drawing.count('class="dot"') + drawing.count('class="dot top"') == 36
        assert drawing.count('class="dot top"') == 5
        assert drawing.count('class="ring"') == 1
        assert drawing.count('class="cross"') == 4
    drawing = draw_seeds([final_seeds(study)])
    assert drawing.count("<circle") == 6
    assert drawing.count('class="cross"') == 3


def test_a_large_study_is_a_few_paths(base: StudyData) -> None:
    study = some_study(base, 2 * MANY)
    for drawing in [draw_history(history(study)), *draw_axis_plots(axis_plots(study))]:  # type: ignore[arg-type]
        assert drawing.count("<path") + drawing.count("<circle") < 500
        assert drawing.count("h0") + drawing.count('class="dot top"') == 1800
        assert len(drawing) < 30 * 2 * MANY


def test_past_half_of_the_trials_the_boxes_are_grey(base: StudyData) -> None:
    drawing = draw_boxes(simulated_budget(some_study(base, 20)))  # type: ignore[arg-type]
    assert len(re.findall(r'class="box grey"', drawing)) == 2  # k = 15 and 20
    assert len(re.findall(r'class="box"', drawing)) == 6


def test_a_study_with_infeasible_trials_alone_is_all_crosses(base: StudyData) -> None:
    study = with_search(base, [None] * 5)
    for drawing in [draw_history(history(study)), *draw_axis_plots(axis_plots(study))]:  # type: ignore[arg-type]
        assert drawing.count('class="cross"') == 5
        assert "<circle" not in drawing


def test_a_crowd_of_curves_is_thin(base: StudyData) -> None:
    for runs, thin in ((8, 0), (9, 9)):
        curves = tuple(Curve(0, seed, STEPS, np.array([0.2, 0.5, 0.6])) for seed in range(runs))
        view = training_curves(base, MeasuredCurves({"valid_accuracy": curves}, (), None))
        (drawing,) = draw_curves(view)  # type: ignore[arg-type]
        assert drawing.count('class="line a0 thin"') == thin
