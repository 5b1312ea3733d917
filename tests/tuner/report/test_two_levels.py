"""Both levels of interval: the numbers of the comparison, drawn where they are."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from shampoo_tune.study import Phase, run_seed
from shampoo_tune.tuner.comparison.comparing import Comparison, compare_groups
from shampoo_tune.tuner.report.document import make_document
from shampoo_tune.tuner.report.drawing.two_levels import draw_two_levels
from shampoo_tune.tuner.report.group_figures import two_levels_figures
from shampoo_tune.tuner.report.two_levels import TwoLevelsView, levels_table, two_levels
from shampoo_tune.tuner.statistics.over_studies import study_interval
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import Formula, PretendedLaboratory
from tests.tuner.report.conftest import TWO_ARMS
from tests.tuner.report.test_document import figures

FINAL_SEEDS = run_seed(0, Phase.FINAL, 0)
Compare = Callable[..., Comparison]


def varied(point: dict[str, object], seed: int) -> float | None:
    """Tells points and seeds apart."""
    return round(359 * (0.5 + float(str(point["learning_rate"])) / 40 + seed % 7 / 200)) / 359


def half_infeasible(point: dict[str, object], seed: int) -> float | None:
    """The arm whose momentum is chosen among two loses four final seeds of seven."""
    final = seed % 1_000_000 >= FINAL_SEEDS
    lost = point["momentum"] in (0.5, 0.9) and final and seed % 100_000 < 4
    return None if lost else varied(point, seed)


@pytest.fixture
def laboratory(tmp_path: Path) -> PretendedLaboratory:
    return PretendedLaboratory(tmp_path)


@pytest.fixture
def compared(laboratory: PretendedLaboratory) -> Compare:
    """Compares the arms of a group of so many studies each."""

    def compare(studies: int, formula: Formula = varied) -> Comparison:
        repeated, tame = f"budget.studies={studies}", "optimizers.wild.learning_rate.max=0.5"
        laboratory.run(quick_study(repeated, tame, text=TWO_ARMS), formula)
        with laboratory.read() as connection:
            return compare_groups(connection, ["quick"])

    return compare


def view_of(comparison: Comparison) -> TwoLevelsView:
    view = two_levels(comparison)
    assert view is not None
    return view


def test_both_levels_are_those_of_the_comparison(compared: Compare) -> None:
    comparison = compared(3)
    view = view_of(comparison)
    assert [arm.arm for arm in view.arms] == [row.arm for row in comparison.rows]
    for arm, row in zip(view.arms, comparison.rows, strict=True):
        medians = [study.final_median for study in row.studies]
        assert [level.estimate for level in arm.studies] == medians
        ends = [(s.interval.low, s.interval.high) for s in row.studies if s.interval]
        assert [(level.low, level.high) for level in arm.studies] == ends
        expected = study_interval(np.array(medians, float))
        mean = arm.over_studies
        assert (mean.estimate, mean.low, mean.high) == (
            expected.estimate, expected.low, expected.high
        )  # fmt: skip
    table = levels_table(view)
    assert [row[1] for row in table.rows[:4]] == [
        *(study.study for study in comparison.rows[0].studies), "mean of 3",
    ]  # fmt: skip
    assert "/359" in table.rows[0][2]
    assert "/359" not in table.rows[3][2]


def test_points_whiskers_and_bars_are_where_the_numbers_are(compared: Compare) -> None:
    view = view_of(compared(3))
    drawing = draw_two_levels(view)
    levels = [level for arm in view.arms for level in arm.studies]
    points = [float(x) for x in re.findall(r'<circle cx="([\d.]+)"', drawing)]
    values = np.array([level.estimate for level in levels])
    scale, origin = np.polyfit(values, points, 1)
    assert np.abs(scale * values + origin - points).max() < 0.1
    whiskers = re.findall(r'<line x1="([\d.]+)" y1="[\d.]+" x2="([\d.]+)"[^>]*whisker', drawing)
    bars = re.findall(r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"[^>]*interval', drawing)
    assert len(whiskers) == len(levels)
    assert len(bars) == len(view.arms)
    for (low, high), level in zip(whiskers, levels, strict=True):
        assert (float(low) - origin) / scale == pytest.approx(level.low, abs=1e-3)
        assert (float(high) - origin) / scale == pytest.approx(level.high, abs=1e-3)
    for (low, width), arm in zip(bars, view.arms, strict=True):
        mean = arm.over_studies
        assert (float(low) - origin) / scale == pytest.approx(mean.low, abs=1e-3)
        assert (float(low) + float(width) - origin) / scale == pytest.approx(mean.high, abs=1e-3)


def test_an_infeasible_median_is_a_cross_and_its_arm_has_no_bar(compared: Compare) -> None:
    comparison = compared(3, half_infeasible)
    view = view_of(comparison)
    drawing = draw_two_levels(view)
    broken = next(arm for arm in view.arms if arm.over_studies.low is None)
    assert all(np.isinf(level.estimate) for level in broken.studies)
    assert drawing.count('class="cross"') == len(broken.studies)
    assert len(re.findall("<rect[^>]*interval", drawing)) == len(view.arms) - 1
    assert "nan" not in drawing
    (figure,) = two_levels_figures(comparison)
    json.dumps(figure.data, allow_nan=False)
    assert figure.table is not None
    assert figure.table.rows[-1][2:] == ("infeasible", "-")


def test_two_studies_have_no_such_interval(compared: Compare) -> None:
    (figure,) = two_levels_figures(compared(2))
    assert figure.drawings == ()
    assert figure.notes[0].startswith("Not shown: an interval over studies needs 3")


def test_a_single_study_has_no_such_figure(compared: Compare) -> None:
    assert two_levels_figures(compared(1)) == ()


def test_it_stands_in_the_report_below_the_seeds(
    compared: Compare, laboratory: PretendedLaboratory
) -> None:
    compared(3)
    with laboratory.read() as connection:
        document = make_document(connection, "quick")
    names = list(figures(document))
    assert names.index("two-levels") == names.index("seeds") + 1
