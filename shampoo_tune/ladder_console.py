"""A ladder on a terminal: the sentences, steps to the target, and the rungs they rest on."""

import math

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from shampoo_tune.tuner.formatting import UNKNOWN, show_bytes, show_seconds, show_value
from shampoo_tune.tuner.ladder.result import ArmOnLadder, LadderResult, Ratio
from shampoo_tune.tuner.ladder.rung_result import ArmAtRung, StudyAtRung
from shampoo_tune.tuner.statistics.medians import Interval

_NO_INTERVAL = "n too small"


def print_ladder(result: LadderResult, console: Console) -> None:
    """Print everything; the sentences come first."""
    console.print(Text(result.title, style="bold"))
    for sentence in sentences(result):
        console.print(Text(sentence))
    console.print(_arms_table(result))
    console.print(_rungs_table(result))


def sentences(result: LadderResult) -> list[str]:
    """What was found, claiming no more than the studies can carry."""
    what = f"median {result.metric} at or past {result.target:g}"
    arms = "; ".join(f"{arm.arm} {_steps_and_interval(result, arm)}" for arm in result.arms)
    spent = f"{result.runs:,} runs and {result.steps:,} steps were trained for this."
    ratios = [_ratio_sentence(ratio, result) for ratio in result.ratios]
    return [f"Steps to the target ({what}): {arms}.", _about_intervals(result), *ratios, spent]


def _about_intervals(result: LadderResult) -> str:
    studies = len(result.arms[0].by_study)
    if result.over is None:
        return "There are too few seeds or studies for an interval."
    if result.over == "seeds":
        return "The intervals are over seeds: they are about these configurations only."
    text = f"The intervals are over {studies} studies"
    return f"{text}; fewer than 5 cover less than 95 %." if studies < 5 else f"{text}."


def _steps_and_interval(result: LadderResult, arm: ArmOnLadder) -> str:
    shown = _show_steps(result, arm.steps_to_target)
    if arm.interval is None or arm.interval.low == arm.interval.high:
        return shown
    return f"{shown} {_steps_interval(result, arm.interval)}"


def _steps_interval(result: LadderResult, interval: Interval) -> str:
    """Both ends; a single one if all resamples lie beyond the same end of the ladder."""
    low, high = (_show_steps(result, end) for end in (interval.low, interval.high))
    return low if low == high else f"[{low}, {high}]"


def _show_steps(result: LadderResult, steps: float) -> str:
    """A crossing with a decimal, or what the ladder's ends leave open."""
    budgets = list(result.groups)
    if math.isinf(steps):
        return f"more than {budgets[0]}"
    if steps <= budgets[-1]:
        return f"at most {budgets[-1]}"
    return f"{steps:,.1f}"


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


def _arms_table(result: LadderResult) -> Table:
    table = Table(box=SIMPLE_HEAD)
    table.add_column(Text(result.ladder))
    table.add_column(f"steps to {result.target:g}")
    table.add_column(f"95 % interval over {result.over}" if result.over else "95 % interval")
    table.add_column("a step")
    table.add_column("optimizer's state")
    for arm in result.arms:
        interval = _steps_interval(result, arm.interval) if arm.interval else _NO_INTERVAL
        step = ", ".join([show_seconds(arm.cost.step_seconds), *sorted(arm.cost.device_kinds)])
        memory = show_bytes(arm.cost.optimizer_state_bytes)
        row = (arm.arm, _show_steps(result, arm.steps_to_target), interval, step, memory)
        table.add_row(*map(Text, row))
    return table


def _rungs_table(result: LadderResult) -> Table:
    table = Table(box=SIMPLE_HEAD)
    for title in ("arm", "steps", "median", "95 % interval", f"reached {result.target:g}"):
        table.add_column(title)
    table.add_column(f"first crossing within a run, evaluated every {result.eval_every} steps")
    for arm in result.arms:
        for place, rung in enumerate(arm.rungs):
            row = (
                arm.arm if place == 0 else "",
                str(rung.steps),
                show_value(rung.median, result.resolution),
                _show_interval(rung.interval, result),
                _reached(rung, result),
                UNKNOWN if math.isinf(rung.first_crossing) else f"{rung.first_crossing:g}",
            )
            table.add_row(*map(Text, row))
    return table


def _show_interval(interval: Interval | None, result: LadderResult) -> str:
    if interval is None:
        return _NO_INTERVAL
    low, high = (show_value(end, result.resolution) for end in (interval.low, interval.high))
    return f"[{low}, {high}]"


def _reached(rung: ArmAtRung, result: LadderResult) -> str:
    """One line a study."""
    return "\n".join(_study_reached(study, result) for study in rung.studies)


def _study_reached(study: StudyAtRung, result: LadderResult) -> str:
    if study.seeds == 0:
        return "no feasible trial"
    share = f"{study.reached}/{study.seeds}"
    return f"stopped after {study.seeds} of {result.seeds}: {share}" if study.stopped else share
