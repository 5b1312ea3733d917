"""V4, boundary check: do the best trials crowd at an end of a range?"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from shampoo_tune.tuner.report.absence import NONE_FEASIBLE, Absent, withheld
from shampoo_tune.tuner.report.parameter_axis import ParameterAxis, parameter_axes
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.words import Words
from shampoo_tune.tuner.statistics.boundary import EdgeFinding, boundary_check
from shampoo_tune.tuner.study_data import StudyData

WORDS = Words(
    title="Boundary check",
    look=(
        "'expand' says that more of the best trials lie in the outer tenth of a range than chance "
        "explains (binomial, adjusted for all ends), so that the optimum may lie outside; "
        "'stability limit' that training diverges beyond, so that a wider range will not help."
    ),
)


@dataclass(frozen=True)
class Side:
    """One end of one range.

    Attributes:
        parameter: its name.
        side: which end.
        edge: the end's natural value.
        count: how many of the best trials lie in its outer tenth.
        considered: how many best trials there are in which the parameter is active.
        p_value: of so many by chance.
        flag: what the count says, or None.
        suggested: the natural value that the end may be moved to, if it should be.
    """

    parameter: str
    side: Literal["low", "high"]
    edge: float
    count: int
    considered: int
    p_value: float
    flag: Literal["expand", "info", "stability limit"] | None
    suggested: float | None


@dataclass(frozen=True)
class BoundaryView:
    """The check of every range of one study; choices have no ends."""

    study: str
    sides: tuple[Side, ...]


def boundary(study: StudyData) -> BoundaryView | Absent:
    """The boundary check of one study; points that the file gave show nothing of the search."""
    if (absent := withheld(study)) is not None:
        return absent
    axes = parameter_axes(study.space)
    ranges = [column for column, axis in enumerate(axes) if axis.low is not None]
    if not ranges:
        return Absent(study.name, "no parameter has a range")
    searched = np.flatnonzero(~np.isnan(study.search))
    searched = searched[searched >= study.enqueued]
    values = study.search[searched]
    if not np.isfinite(values).any():
        return Absent(study.name, NONE_FEASIBLE)
    findings = boundary_check(study.units[searched][:, ranges], values, study.goal)
    sides = [_side(finding, axes[ranges[finding.dimension]]) for finding in findings]
    return BoundaryView(study.name, tuple(sides))


def sides_table(view: BoundaryView) -> Table:
    """All sides, flagged or not."""
    headers = ("parameter", "end", "says", "value", "try", "best in the outer tenth", "p")
    rows = [
        (
            side.parameter,
            side.side,
            side.flag or "nothing",
            f"{side.edge:.4g}",
            "" if side.suggested is None else f"{side.suggested:.2g}",
            f"{side.count} of {side.considered}",
            f"{side.p_value:.2g}",
        )
        for side in view.sides
    ]
    return Table(headers, tuple(rows), names=3)


def _side(finding: EdgeFinding, axis: ParameterAxis) -> Side:
    edge = axis.low if finding.side == "low" else axis.high
    if edge is None:
        raise AssertionError("only ranges are checked")
    unit = finding.suggested_unit
    return Side(
        parameter=axis.name,
        side=finding.side,
        edge=edge,
        count=finding.count,
        considered=finding.considered,
        p_value=finding.p_value,
        flag=finding.flag,
        suggested=None if unit is None else axis.at(unit),
    )
