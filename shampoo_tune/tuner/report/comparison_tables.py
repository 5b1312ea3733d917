"""A comparison as tables: the arms, their best of k, what each spent, all pairs."""

from collections.abc import Callable

from shampoo_tune.tuner.comparison.comparing import Comparison
from shampoo_tune.tuner.comparison.ledger import Ledger
from shampoo_tune.tuner.comparison.pairs import Pair
from shampoo_tune.tuner.comparison.table import ArmRow, StudyRow
from shampoo_tune.tuner.formatting import (
    UNKNOWN,
    show_bytes,
    show_difference,
    show_seconds,
    show_value,
)
from shampoo_tune.tuner.report.seeds import with_examples
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.statistics.medians import Interval


def arms_table(comparison: Comparison) -> Table:
    """A column an arm, a line in each cell a replicate."""
    columns = [_arm(comparison, row) for row in comparison.rows]
    headers = ("", *(row.arm for row in comparison.rows))
    rows = [(label, *(column[label] for column in columns)) for label in columns[0]]
    return Table(headers, tuple(rows))


def best_of_table(comparison: Comparison) -> Table:
    """A row an arm: the size of its space, and the median best of k trials."""
    ks = list(dict.fromkeys(k for row in comparison.rows for k in row.best_of))
    headers = ("arm", "tuned dimensions", "decades", *(f"best of {k}" for k in ks))
    rows = [
        (
            row.arm,
            str(row.dimensions),
            f"{row.decades:.1f}",
            *(show_value(row.best_of.get(k), comparison.resolution) for k in ks),
        )
        for row in comparison.rows
    ]
    caption = f"Median over all subsets of k trials of the best search value ({comparison.metric})."
    return Table(headers, tuple(rows), caption if ks else "")


def ledger_table(comparison: Comparison) -> Table:
    """A row a round, with a row for the sum where an arm has several."""
    headers = (
        "arm", "round", "search runs", "finalist runs", "final runs", "without verdict", "attempts",
        "steps a run", "steps trained", "worker hours",
    )  # fmt: skip
    rows = [row for arm, ledger in comparison.ledgers.items() for row in _rounds(arm, ledger)]
    caption = (
        "Every run of every round that led here counts, cancelled and failed ones too; attempts "
        "are tries at them, interrupted ones included."
    )
    return Table(headers, tuple(rows), caption, names=2)


def pairs_table(comparison: Comparison) -> Table:
    """All pairs of arms: their difference over seeds and over studies."""
    headers = (
        "first - second", "over seeds", "P(first better)", "p over seeds", "over studies",
        "p over studies",
    )  # fmt: skip
    rows = tuple(_pair(pair, comparison.resolution) for pair in comparison.pairs)
    caption = (
        "Differences of medians with 95 % intervals; p by sign test and t test, adjusted after "
        "Holm. Over seeds is about the two configurations, over studies about the two optimizers."
    )
    return Table(headers, rows, caption)


def inequalities_table(comparison: Comparison) -> Table:
    """What should be equal in all arms and is not."""
    arms = tuple(row.arm for row in comparison.rows)
    rows = [
        (item.what, *(item.values.get(arm, UNKNOWN) for arm in arms))
        for item in comparison.inequalities
    ]
    return Table(("differs", *arms), tuple(rows))


def _arm(comparison: Comparison, row: ArmRow) -> dict[str, str]:
    """Label -> text, from what was searched to what it cost."""
    resolution = comparison.resolution

    def each(show: Callable[[StudyRow], str]) -> str:
        return "\n".join(show(study) for study in row.studies)

    def marked(study: StudyRow) -> str:
        told = comparison.inequalities and study.final_median is not None
        return f", selected from {row.trials} trials" if told else ""

    column = {
        "optimizer": row.optimizer + (", replication" if row.replication else ""),
        "tuned dimensions": f"{row.dimensions}, {row.decades:.1f} decades",
        "infeasible trials": f"{row.infeasible}/{row.trials * len(row.studies)}",
        "winner's search value": each(lambda s: show_value(s.search_value, resolution)),
        "finalist median": each(lambda s: show_value(s.finalist_median, resolution)),
        "final median": each(lambda s: with_examples(s.final_median, resolution) + marked(s)),
        "95 % over seeds": each(lambda s: _interval(s.interval, resolution)),
        "95 % over studies": _over_studies(row, resolution),
        "test median": each(lambda s: show_value(s.test_median, resolution)),
    }
    if comparison.target is not None:
        column[f"seeds that reach {comparison.target:g}"] = each(_reached)
        column["median steps to target"] = each(lambda s: _crossing(s, row.steps))
    return column | _cost(row)


def _cost(row: ArmRow) -> dict[str, str]:
    return {
        "steps a run": str(row.steps),
        "a step": f"{show_seconds(row.step_seconds)}, {row.device}",
        "optimizer's state": show_bytes(row.optimizer_state_bytes),
    }


def _interval(interval: Interval | None, resolution: float | None) -> str:
    if interval is None:
        return UNKNOWN
    return f"[{show_value(interval.low, resolution)}, {show_value(interval.high, resolution)}]"


def _over_studies(row: ArmRow, resolution: float | None) -> str:
    over = row.over_studies
    if over is None or over.low is None or over.high is None:
        return "configuration only"
    ends = f"[{show_value(over.low, resolution)}, {show_value(over.high, resolution)}]"
    return f"{show_value(over.estimate, resolution)} {ends}"


def _reached(study: StudyRow) -> str:
    if study.target is None:
        return UNKNOWN
    share = study.target.share
    return f"{study.target.reached}/{study.target.n} [{share.low:.0%}, {share.high:.0%}]"


def _crossing(study: StudyRow, steps: int) -> str:
    if study.target is None:
        return UNKNOWN
    return f"> {steps}" if study.first_crossing is None else f"{study.first_crossing:g}"


def _rounds(arm: str, ledger: Ledger) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (
            arm, r.group, str(r.search), str(r.finalists), str(r.final), str(r.cancelled),
            str(r.attempts), f"{r.steps_a_run:,}", f"{r.trained_steps:,}",
            f"{r.seconds / 3600:.3g}",
        )
        for r in ledger.rounds
    ]  # fmt: skip
    if len(ledger.rounds) < 2:
        return rows
    finalists, final, cancelled = (
        str(sum(getattr(r, name) for r in ledger.rounds))
        for name in ("finalists", "final", "cancelled")
    )
    total = (
        arm, "all", str(ledger.trials), finalists, final, cancelled, str(ledger.attempts), "",
        f"{ledger.trained_steps:,}", f"{ledger.seconds / 3600:.3g}",
    )  # fmt: skip
    return [*rows, total]


def _pair(pair: Pair, resolution: float | None) -> tuple[str, ...]:
    seeds, studies = pair.over_seeds, pair.over_studies
    over_studies = "configuration only"
    if studies is not None:
        over_studies = _difference(studies.estimate, studies.low, studies.high, resolution)
    return (
        f"{pair.first} - {pair.second}",
        _difference(seeds.estimate, seeds.low, seeds.high, resolution),
        f"{pair.probability_better:.2f}",
        f"{pair.seeds_p_value:.2g}",
        over_studies,
        UNKNOWN if pair.studies_p_value is None else f"{pair.studies_p_value:.2g}",
    )


def _difference(
    estimate: float | None, low: float | None, high: float | None, resolution: float | None
) -> str:
    middle, *ends = (show_difference(value, resolution) for value in (estimate, low, high))
    return f"{middle} [{ends[0]}, {ends[1]}]"
