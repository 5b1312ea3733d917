"""V5, isolation plots: the best that is possible at each value of one parameter."""

from dataclasses import dataclass, replace

import numpy as np

from shampoo_tune.study import Goal
from shampoo_tune.tuner.formatting import show_value
from shampoo_tune.tuner.report.absence import NONE_FEASIBLE, Absent, withheld
from shampoo_tune.tuner.report.parameter_axis import ParameterAxis, parameter_axes, show_parameter
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.window import Window, value_window
from shampoo_tune.tuner.report.words import Words
from shampoo_tune.tuner.statistics.isolation import Bucket, isolation
from shampoo_tune.tuner.study_data import Array, StudyData

WORDS = Words(
    title="Isolation plots",
    look=(
        "A flat row says that the other parameters can make up for this one, a slope says where to"
        " go; a hollow point rests on fewer than 3 feasible trials."
    ),
    marks="Point: the best trial of its bucket; bar: how many trials the bucket holds.",
)
FEW = 3


@dataclass(frozen=True)
class IsolationPanel:
    """One parameter.

    Attributes:
        axis: its range and scale.
        buckets: the buckets of its unit interval; `best_trial` is a trial's number.
        places: shape [buckets], where on the axis each best trial lies; NaN without one.
    """

    axis: ParameterAxis
    buckets: tuple[Bucket, ...]
    places: Array


@dataclass(frozen=True)
class IsolationView:
    """The best trial by bucket, for every tuned parameter of a study."""

    study: str
    metric: str
    goal: Goal
    target: float | None
    resolution: float | None
    window: Window | None
    panels: tuple[IsolationPanel, ...]


def isolation_plots(study: StudyData) -> IsolationView | Absent:
    """The isolation plots of one study."""
    if (absent := withheld(study)) is not None:
        return absent
    if not np.isfinite(study.search).any():
        return Absent(study.name, NONE_FEASIBLE)
    panels = tuple(
        _panel(study, column, axis) for column, axis in enumerate(parameter_axes(study.space))
    )
    best = [b.best_value for p in panels for b in p.buckets if b.best_value is not None]
    window = value_window(np.array(best, float), study.goal, study.target)
    return IsolationView(
        study.name, study.metric, study.goal, study.target, study.resolution, window, panels
    )


def buckets_table(view: IsolationView) -> Table:
    """All buckets of all parameters."""
    rows = [
        (
            panel.axis.name,
            _bucket_name(panel.axis, bucket),
            str(bucket.count),
            str(bucket.feasible),
            "" if bucket.best_trial is None else str(bucket.best_trial),
            show_value(bucket.best_value, view.resolution),
        )
        for panel in view.panels
        for bucket in panel.buckets
    ]
    headers = ("parameter", "bucket", "trials", "feasible", "best trial", f"best {view.metric}")
    return Table(headers, tuple(rows), names=2)


def _panel(study: StudyData, column: int, axis: ParameterAxis) -> IsolationPanel:
    units = study.units[:, column]
    trials = np.flatnonzero(~np.isnan(study.search) & ~np.isnan(units)).tolist()
    places = _even(study, axis, trials) if axis.whole and axis.levels else units[trials]
    buckets = isolation(places, study.search[trials], study.goal, axis.levels)
    numbered = [_numbered(bucket, trials) for bucket in buckets]
    best = [np.nan if b.best_trial is None else units[b.best_trial] for b in numbered]
    return IsolationPanel(axis, tuple(numbered), np.array(best, float))


def _even(study: StudyData, axis: ParameterAxis, trials: list[int]) -> Array:
    """Places at which every value of a small whole-number range has an equal share."""
    if axis.levels is None or axis.low is None:
        raise AssertionError("asked only of few whole numbers")
    values = np.array([study.points[trial][axis.name] for trial in trials], float)
    even: Array = (values - axis.low + 0.5) / axis.levels
    return even


def _numbered(bucket: Bucket, trials: list[int]) -> Bucket:
    """The bucket with a trial's number in place of its index."""
    if bucket.best_trial is None:
        return bucket
    return replace(bucket, best_trial=trials[bucket.best_trial])


def _bucket_name(axis: ParameterAxis, bucket: Bucket) -> str:
    """The value that the bucket is for, or its ends."""
    if axis.levels is None:
        return f"{axis.at(bucket.low):.3g} to {axis.at(bucket.high):.3g}"
    level = int((bucket.low + bucket.high) / 2 * axis.levels)
    return show_parameter(axis.values[level]) if axis.low is None else f"{axis.low + level:g}"
