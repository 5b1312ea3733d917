"""V10 and V11, the final seeds: every run, their median with its interval, and what led there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from shampoo_tune.study import Goal
from shampoo_tune.tuner.formatting import UNKNOWN, show_difference, show_examples, show_value
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.window import Window, value_window
from shampoo_tune.tuner.report.words import Words
from shampoo_tune.tuner.statistics.medians import Interval, median, median_interval
from shampoo_tune.tuner.statistics.target import TargetVerdict, target_verdict
from shampoo_tune.tuner.study_data import Array, StudyData

WORDS = Words(
    title="Final seeds",
    look=(
        "Compare the bars, and read no order from medians whose bars overlap; the search value "
        "mostly lies on the better side, for its trial was chosen by it."
    ),
    marks=(
        "Point: a run with a fresh seed; bar: 95 % interval of the median; stroke: median; "
        "diamond: search value; square: finalist median; cross: infeasible."
    ),
)
_FEWEST = 6  # seeds for a 95 % interval


@dataclass(frozen=True)
class SeedsView:
    """One study's final seeds.

    Attributes:
        study: its name.
        arm: its arm.
        metric: what is reported.
        goal: which direction is better.
        target: what counts as reached, or None.
        resolution: what one example is worth, or None.
        winner: the trial that they are of, or None.
        planned: seeds of the budget; a rung of a ladder may end with fewer.
        complete: whether all seeds are in that will ever be.
        values: shape [n], the seeds with a verdict, infinite if infeasible.
        infeasible: how many of them are.
        median: over the seeds; None until complete, and where it falls on an infeasible run.
        interval: of the median, 95 %; None with fewer than 6 seeds or until complete.
        reached: how many reach the target, and what that shows; None until complete.
        search_value: the winner's, by one seed.
        best_search_value: the best of all trials, by one seed.
        finalist_median: the winner's, over the finalists' seeds.
        test_median: of the test split's metric over the same seeds.
        gap: search value minus median: the winner's curse.
        trials: that the winner was selected from.
        finalist_seeds: of each finalist.
        window: the part of the y axis that is drawn.
    """

    study: str
    arm: str
    metric: str
    goal: Goal
    target: float | None
    resolution: float | None
    winner: int | None
    planned: int
    complete: bool
    values: Array
    infeasible: int
    median: float | None
    interval: Interval | None
    reached: TargetVerdict | None
    search_value: float | None
    best_search_value: float | None
    finalist_median: float | None
    test_median: float | None
    gap: float | None
    trials: int
    finalist_seeds: int
    window: Window | None


def final_seeds(study: StudyData) -> SeedsView:
    """The final seeds of one study."""
    values = study.final[~np.isnan(study.final)]
    done = _all_in(study)
    middle = _median(study.final) if done else None
    search_value = _finite(study.search[study.winner]) if study.winner is not None else None
    finalist = study.finalist_values.get(-1 if study.winner is None else study.winner)
    finalist_median = None if finalist is None else _median(finalist)
    also = [search_value, finalist_median]
    judged = done and study.target is not None
    return SeedsView(
        study=study.name,
        arm=study.arm,
        metric=study.metric,
        goal=study.goal,
        target=study.target,
        resolution=study.resolution,
        winner=study.winner,
        planned=study.seeds,
        complete=done,
        values=values,
        infeasible=int(np.isinf(values).sum()),
        median=middle,
        interval=median_interval(values) if done else None,
        reached=target_verdict(values, study.target or 0.0, study.goal) if judged else None,
        search_value=search_value,
        best_search_value=_best(study),
        finalist_median=finalist_median,
        test_median=_median(study.final_test) if done else None,
        gap=None if search_value is None or middle is None else search_value - middle,
        trials=study.trials,
        finalist_seeds=study.finalist_seeds,
        window=value_window(values, study.goal, study.target, also),
    )


def _all_in(study: StudyData) -> bool:
    known = bool(len(study.final)) and not np.isnan(study.final).any()
    return known and (len(study.final) == study.seeds or study.state == "completed")


def results_table(views: Sequence[SeedsView]) -> Table:
    """What every study came to: search, finalists, final and test side by side."""
    headers = (
        "study", "final median", "95 % over seeds", "reached the target", "search value",
        "finalist median", "search - final", "test median",
    )  # fmt: skip
    return Table(headers, tuple(_row(view) for view in views))


def values_table(views: Sequence[SeedsView]) -> Table:
    """Every final run of every study."""
    rows = [
        (view.study, str(place), with_examples(value, view.resolution))
        for view in views
        for place, value in enumerate(view.values.tolist())
    ]
    return Table(("study", "seed, in order", views[0].metric), tuple(rows), names=1)


def _row(view: SeedsView) -> tuple[str, ...]:
    return (
        view.study,
        _result(view),
        _interval(view),
        _reached(view),
        _with_note(view, view.search_value, _of_search(view)),
        _with_note(view, view.finalist_median, f"{view.finalist_seeds} seeds"),
        UNKNOWN if view.gap is None else show_difference(view.gap, view.resolution),
        show_value(view.test_median, view.resolution),
    )


def _result(view: SeedsView) -> str:
    if not view.complete:
        return f"{len(view.values)} of {view.planned} seeds so far"
    if view.median is None:
        return "falls on an infeasible run"
    early = len(view.values) < view.planned
    note = f", ended after {len(view.values)} of {view.planned} seeds" if early else ""
    return with_examples(view.median, view.resolution) + note


def with_examples(value: float | None, resolution: float | None) -> str:
    """A value, and how many examples it stands for."""
    examples = show_examples(value, resolution)
    return show_value(value, resolution) + (f" ({examples})" if examples else "")


def _interval(view: SeedsView) -> str:
    if not view.complete:
        return UNKNOWN
    if view.interval is None:
        return f"n too small ({len(view.values)} seeds, {_FEWEST} needed)"
    ends = (show_value(end, view.resolution) for end in (view.interval.low, view.interval.high))
    return f"[{', '.join(ends)}]"


def _reached(view: SeedsView) -> str:
    if view.reached is None:
        return UNKNOWN
    share = view.reached.share
    return f"{view.reached.reached} of {view.reached.n} [{share.low:.0%}, {share.high:.0%}]"


def _of_search(view: SeedsView) -> str:
    """Finalists may have chosen another trial than the one that the search found best."""
    if view.search_value == view.best_search_value:
        return f"best of {view.trials}, 1 seed"
    best = show_value(view.best_search_value, view.resolution)
    return f"1 seed; best of {view.trials}: {best}"


def _with_note(view: SeedsView, value: float | None, note: str) -> str:
    return UNKNOWN if value is None else f"{show_value(value, view.resolution)} ({note})"


def _best(study: StudyData) -> float | None:
    finite = study.search[np.isfinite(study.search)]
    if not finite.size:
        return None
    return float(finite.max() if study.goal is Goal.MAXIMIZE else finite.min())


def _median(values: Array) -> float | None:
    """The median; None unless all values are known and it is finite."""
    if not len(values) or np.isnan(values).any():
        return None
    return _finite(median(values))


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
