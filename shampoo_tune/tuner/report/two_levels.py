"""V13, both levels of interval: configurations over their seeds, optimizers over their studies."""

import math
from dataclasses import dataclass

import numpy as np

from shampoo_tune.study import Goal
from shampoo_tune.tuner.comparison.comparing import Comparison
from shampoo_tune.tuner.comparison.table import ArmRow, StudyRow
from shampoo_tune.tuner.formatting import UNKNOWN, show_value
from shampoo_tune.tuner.report.seeds import with_examples
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.window import Window, value_window
from shampoo_tune.tuner.report.words import Words
from shampoo_tune.tuner.statistics.over_studies import FEWEST_STUDIES
from shampoo_tune.tuner.study_data import worst_value

WORDS = Words(
    title="Over seeds and over studies",
    look=(
        "Look how far the points of an arm lie apart: another search finds another winner; arms "
        "whose bars overlap are told apart, if at all, study by study, in the table of pairs."
    ),
    marks=(
        "Point: final median of a study; whisker: its 95 % interval over seeds; stroke: mean over "
        "the arm's studies; bar: its 95 % interval over studies; cross: infeasible."
    ),
)
TOO_FEW = f"an interval over studies needs {FEWEST_STUDIES} of an arm, complete and feasible"


@dataclass(frozen=True)
class Level:
    """An estimate with its 95 % interval.

    Attributes:
        name: of a study, or the number of studies.
        estimate: infinite where it falls on an infeasible run.
        low: lower end; None if there is no interval.
        high: upper end.
    """

    name: str
    estimate: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ArmLevels:
    """One arm.

    Attributes:
        arm: its name.
        studies: the median of each over its final seeds.
        over_studies: the mean of these medians.
    """

    arm: str
    studies: tuple[Level, ...]
    over_studies: Level


@dataclass(frozen=True)
class TwoLevelsView:
    """Arms of several studies each.

    Attributes:
        metric: what is reported.
        target: what counts as reached, or None.
        resolution: what one example is worth, or None.
        arms: in the order of the comparison.
        window: the part of the axis that is drawn.
    """

    metric: str
    target: float | None
    resolution: float | None
    arms: tuple[ArmLevels, ...]
    window: Window | None


def two_levels(comparison: Comparison) -> TwoLevelsView | None:
    """Both intervals of every complete arm; None if no arm has one over studies."""
    goal = Goal(comparison.goal)
    arms = tuple(_arm(row, goal) for row in comparison.rows if row.over_studies is not None)
    if all(arm.over_studies.low is None for arm in arms):
        return None
    finite = [number for arm in arms for number in _numbers(arm) if math.isfinite(number)]
    return TwoLevelsView(
        metric=comparison.metric,
        target=comparison.target,
        resolution=comparison.resolution,
        arms=arms,
        window=value_window(np.array(finite), goal, comparison.target, finite),
    )


def levels_table(view: TwoLevelsView) -> Table:
    """A row a study, then one of the arm."""
    rows = [row for arm in view.arms for row in _rows(arm, view.resolution)]
    return Table(("arm", "study", view.metric, "95 % interval"), tuple(rows), names=2)


def show_interval(level: Level, resolution: float | None) -> str:
    """As in `[0.95, 0.97]`."""
    if level.low is None or level.high is None:
        return UNKNOWN
    return f"[{show_value(level.low, resolution)}, {show_value(level.high, resolution)}]"


def _rows(arm: ArmLevels, resolution: float | None) -> list[tuple[str, ...]]:
    shown = [with_examples(level.estimate, resolution) for level in arm.studies]
    shown.append(show_value(arm.over_studies.estimate, resolution))  # a mean counts no examples
    levels = (*arm.studies, arm.over_studies)
    return [
        (arm.arm, level.name, value, show_interval(level, resolution))
        for level, value in zip(levels, shown, strict=True)
    ]


def _arm(row: ArmRow, goal: Goal) -> ArmLevels:
    over = row.over_studies
    if over is None:
        raise AssertionError("only complete arms are asked for")
    studies = tuple(_study(study, goal) for study in row.studies)
    return ArmLevels(
        row.arm, studies, Level(f"mean of {over.n}", over.estimate, over.low, over.high)
    )


def _study(row: StudyRow, goal: Goal) -> Level:
    estimate = worst_value(goal) if row.final_median is None else row.final_median
    low, high = (row.interval.low, row.interval.high) if row.interval else (None, None)
    return Level(row.study, estimate, low, high)


def _numbers(arm: ArmLevels) -> list[float]:
    levels = (*arm.studies, arm.over_studies)
    numbers = [number for level in levels for number in (level.estimate, level.low, level.high)]
    return [number for number in numbers if number is not None]
