"""V14, steps to the target by ladder: what was found in sentences, and the rungs it rests on."""

import math
from collections.abc import Sequence

from shampoo_tune.tuner.formatting import UNKNOWN, show_bytes, show_seconds, show_value
from shampoo_tune.tuner.ladder.result import ArmOnLadder, LadderResult, Ratio
from shampoo_tune.tuner.ladder.rung_result import ArmAtRung, StudyAtRung
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.words import Words
from shampoo_tune.tuner.statistics.medians import Interval

WORDS = Words(
    title="Steps to the target, tuned anew at every budget",
    look=(
        "Compare where the lines cross the target, and read no order from bars below that overlap; "
        "a crossing past either end of the ladder is a bound, not a number."
    ),
    marks=(
        "Dot: median of a rung, hollow if its seeds were stopped early; whisker: its 95 % "
        "interval; line: the monotone fit; bar below: 95 % interval of the steps to the target."
    ),
)
_NO_INTERVAL = "n too small"


def sentences(result: LadderResult) -> list[str]:
    """What was found, claiming no more than the studies can carry."""
    what = f"median {result.metric} at or past {result.target:g}"
    arms = "; ".join(f"{arm.arm} {steps_and_interval(result, arm)}" for arm in result.arms)
    spent = f"{result.runs:,} runs and {result.steps:,} steps were trained for this."
    ratios = [_ratio_sentence(ratio, result) for ratio in result.ratios]
    return [f"Steps to the target ({what}): {arms}.", _about_intervals(result), *ratios, spent]


def crossings_table(result: LadderResult) -> Table:
    """A row an arm: its steps to the target and what a step costs."""
    over = f"95 % interval over {result.over}" if result.over else "95 % interval"
    headers = (result.ladder, f"steps to {result.target:g}", over, "a step", "optimizer's state")
    rows = tuple(
        (
            arm.arm,
            show_steps(result, arm.steps_to_target),
            _steps_interval(result, arm.interval) if arm.interval else _NO_INTERVAL,
            ", ".join([show_seconds(arm.cost.step_seconds), *sorted(arm.cost.device_kinds)]),
            show_bytes(arm.cost.optimizer_state_bytes),
        )
        for arm in result.arms
    )
    return Table(headers, rows)


def rungs_table(result: LadderResult) -> Table:
    """A row a rung of an arm, a line in a cell a study."""
    crossing = f"first crossing within a run, evaluated every {result.eval_every} steps"
    headers = ("arm", "steps", "median", "95 % interval", f"reached {result.target:g}", crossing)
    rows = tuple(_rung(arm, rung, result) for arm in result.arms for rung in arm.rungs)
    return Table(headers, rows)


def ladders_table(results: Sequence[LadderResult]) -> Table:
    """`rungs_table` of several ladders, whose targets may differ."""
    if len(results) == 1:
        return rungs_table(results[0])
    headers = ("ladder", "arm", "steps", "median", "95 % interval", "reached", "first crossing")
    rows = [(result.ladder, *row) for result in results for row in rungs_table(result).rows]
    return Table(headers, tuple(rows), names=2)


def show_steps(result: LadderResult, steps: float) -> str:
    """A crossing with a decimal, or what the ladder's ends leave open."""
    budgets = list(result.groups)
    if math.isinf(steps):
        return f"more than {budgets[0]}"
    if steps <= budgets[-1]:
        return f"at most {budgets[-1]}"
    return f"{steps:,.1f}"


def steps_and_interval(result: LadderResult, arm: ArmOnLadder) -> str:
    """The same with its interval, where there is one."""
    shown = show_steps(result, arm.steps_to_target)
    if arm.interval is None or arm.interval.low == arm.interval.high:
        return shown
    return f"{shown} {_steps_interval(result, arm.interval)}"


def _about_intervals(result: LadderResult) -> str:
    studies = len(result.arms[0].by_study)
    if result.over is None:
        return "There are too few seeds or studies for an interval."
    if result.over == "seeds":
        return "The intervals are over seeds: they are about these configurations only."
    text = f"The intervals are over {studies} studies"
    return f"{text}; fewer than 5 cover less than 95 %." if studies < 5 else f"{text}."


def _steps_interval(result: LadderResult, interval: Interval) -> str:
    """Both ends; a single one if all resamples lie beyond the same end of the ladder."""
    low, high = (show_steps(result, end) for end in (interval.low, interval.high))
    return low if low == high else f"[{low}, {high}]"


def _ratio_sentence(ratio: Ratio, result: LadderResult) -> str:
    pair = f"{ratio.first} against {ratio.second}"
    if ratio.ratio is None:
        return f"{pair}: no ratio, for not both reach the target inside the ladder."
    text = f"{pair}: {ratio.ratio:.3g} times the steps"
    if ratio.interval is not None:
        text += f" [{_show_ratio(ratio.interval.low)}, {_show_ratio(ratio.interval.high)}]"
    if ratio.fewer is not None:
        return f"{text}; {ratio.fewer} needs fewer steps."
    if result.over != "studies":
        return f"{text}; configuration only, no claim about the optimizers."
    return f"{text}; no difference shown."


def _show_ratio(ratio: float) -> str:
    return "no bound" if math.isinf(ratio) else f"{ratio:.3g}"


def _rung(arm: ArmOnLadder, rung: ArmAtRung, result: LadderResult) -> tuple[str, ...]:
    return (
        arm.arm,
        str(rung.steps),
        show_value(rung.median, result.resolution),
        _show_interval(rung.interval, result),
        "\n".join(_study_reached(study, result) for study in rung.studies),
        UNKNOWN if math.isinf(rung.first_crossing) else f"{rung.first_crossing:g}",
    )


def _show_interval(interval: Interval | None, result: LadderResult) -> str:
    if interval is None:
        return _NO_INTERVAL
    low, high = (show_value(end, result.resolution) for end in (interval.low, interval.high))
    return f"[{low}, {high}]"


def _study_reached(study: StudyAtRung, result: LadderResult) -> str:
    if study.seeds == 0:
        return "no feasible trial"
    share = f"{study.reached}/{study.seeds}"
    return f"stopped after {study.seeds} of {result.seeds}: {share}" if study.stopped else share
