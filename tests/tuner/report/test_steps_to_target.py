"""What is said, tabulated and drawn of a ladder."""

import csv
import io
import math
import re
from xml.etree import ElementTree

import numpy as np
import pytest

from shampoo_tune.tuner.ladder.result import ArmOnLadder, UnfinishedLadder
from shampoo_tune.tuner.report.drawing.steps_to_target import draw_steps_to_target
from shampoo_tune.tuner.report.group_figures import steps_to_target_figure
from shampoo_tune.tuner.report.steps_to_target import rungs_table, sentences
from tests.tuner.report.ladders import BUDGETS, arm_on_ladder, some_ladder

FAST = arm_on_ladder("shampoo", [0.95, 0.94, 0.92, 0.86])
SLOW = arm_on_ladder("nesterov", [0.93, 0.91, 0.88, 0.7])
HOPELESS = arm_on_ladder("sgd", [0.6, 0.5, 0.5, -math.inf])
EASY = arm_on_ladder("easy", [0.99, 0.98, 0.97, 0.96])


def test_the_sentences_claim_no_more_than_one_study_carries() -> None:
    said = sentences(some_ladder(FAST, SLOW))
    steps, low, high = (f"{FAST.steps_to_target * part:.1f}" for part in (1, 0.9, 1.1))
    assert f"shampoo {steps} [{low}, {high}]" in said[0]
    assert said[1] == "The intervals are over seeds: they are about these configurations only."
    assert said[2].endswith("configuration only, no claim about the optimizers.")
    assert said[3] == "870 runs and 34,390 steps were trained for this."


@pytest.mark.parametrize(("arm", "words"), [(HOPELESS, "more than 60"), (EASY, "at most 30")])
def test_past_an_end_of_the_ladder_there_is_a_bound_and_no_number(
    arm: ArmOnLadder, words: str
) -> None:
    result = some_ladder(arm, FAST)
    assert f"{arm.arm} {words}" in sentences(result)[0]
    assert "no ratio, for not both reach" in sentences(result)[2]
    drawing = draw_steps_to_target(result)
    assert f">{arm.arm}: {words}</text>" in drawing
    assert len(re.findall('class="median a', drawing)) == 1  # that of the arm inside


def test_the_marks_are_where_the_medians_are() -> None:
    drawing = ElementTree.fromstring(draw_steps_to_target(some_ladder(FAST, SLOW)))  # noqa: S314
    marks = [e for e in drawing.iter() if e.tag.endswith("circle")]
    tips = [next(iter(mark)).text for mark in marks]
    assert tips[:2] == ["shampoo, 60 steps: 0.950", "shampoo, 48 steps: 0.940"]
    for arm, drawn in zip((FAST, SLOW), (marks[:4], marks[4:]), strict=True):
        across = np.array([float(mark.attrib["cx"]) for mark in drawn])
        up = np.array([float(mark.attrib["cy"]) for mark in drawn])
        medians = [rung.median for rung in arm.rungs]
        assert np.abs(np.corrcoef(up, medians)[0, 1] + 1) < 1e-6
        assert np.abs(np.corrcoef(across, np.log(BUDGETS))[0, 1] - 1) < 1e-4
    hollow = [mark for mark in marks if "hollow" in mark.attrib["class"]]
    assert [next(iter(mark)).text for mark in hollow] == ["nesterov, 30 steps: 0.700"]


def test_an_infeasible_rung_is_a_cross() -> None:
    drawing = draw_steps_to_target(some_ladder(HOPELESS))
    assert drawing.count('class="cross"') == 1
    assert "inf" not in drawing.replace("infeasible", "")
    assert "nan" not in drawing


def test_a_name_that_is_markup_stays_text() -> None:
    evil = arm_on_ladder("</svg><script>alert(1)</script>\"'&", [0.95, 0.94, 0.92, 0.86])
    drawing = draw_steps_to_target(some_ladder(evil))
    ElementTree.fromstring(drawing)  # noqa: S314
    assert "<script" not in drawing


def test_ladders_with_other_targets_are_tabulated_with_their_names() -> None:
    one, two = some_ladder(FAST), some_ladder(FAST, SLOW)
    figure = steps_to_target_figure([one, two, UnfinishedLadder("later", {}, "not finished: x")])
    assert len(figure.drawings) == 2
    assert figure.notes[-1] == "later: not finished: x."
    assert figure.data["later"]["absent"] == "not finished: x"
    assert figure.table is not None
    rows = list(csv.reader(io.StringIO(figure.table.to_csv())))
    assert [row[0] for row in rows] == ["ladder", *["climb"] * 12]
    assert len({len(row) for row in rows}) == 1


def test_the_table_has_a_row_a_rung() -> None:
    rows = rungs_table(some_ladder(FAST, SLOW)).rows
    assert [row[:2] for row in rows] == [
        (name, str(steps)) for name in ("shampoo", "nesterov") for steps in BUDGETS
    ]
    assert rows[-1][4] == "stopped after 10 of 50: 7/10"


def test_an_unfinished_ladder_says_why_it_is_not_drawn() -> None:
    figure = steps_to_target_figure(
        [UnfinishedLadder("climb", {30: "climb-s30"}, "not finished: a")]
    )
    assert figure.drawings == ()
    assert figure.notes == ("Not shown: not finished: a.",)
