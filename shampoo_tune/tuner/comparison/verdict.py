"""The verdict in words: one sentence that claims no more than the design can carry."""

from collections.abc import Sequence
from dataclasses import dataclass

from shampoo_tune.study import Goal
from shampoo_tune.tuner.comparison.contender import Contender
from shampoo_tune.tuner.comparison.gate import Inequality
from shampoo_tune.tuner.comparison.pairs import Pair
from shampoo_tune.tuner.comparison.table import ArmRow, StudyRow
from shampoo_tune.tuner.formatting import show_difference, show_examples, show_value
from shampoo_tune.tuner.samplers import WITHHELD
from shampoo_tune.tuner.statistics.differences import Difference
from shampoo_tune.tuner.statistics.over_studies import FEWEST_STUDIES
from shampoo_tune.tuner.study_data import StudyData


@dataclass(frozen=True)
class Obstacle:
    """Why no verdict can be given.

    Attributes:
        sentence: for people.
        accepted: whether the caller asked to see what can be seen in spite of it.
    """

    sentence: str
    accepted: bool = False


def obstacle(
    contenders: Sequence[Contender], unequal: Sequence[Inequality], *, allow_unequal: bool
) -> Obstacle | None:
    """What forbids a verdict; None if nothing does."""
    studies = [study for c in contenders for study in c.studies]
    unfinished = [f"{study.name} is {study.state}" for study in studies if not study.complete]
    hopeless = [study.name for study in studies if not len(study.final)]
    adaptive = [c.name for c in contenders if c.adaptive]
    if unfinished:
        return Obstacle(f"No verdict yet: {', '.join(unfinished)}.")
    if hopeless:
        return Obstacle(f"No verdict: {', '.join(hopeless)} found no feasible trial.")
    if adaptive:
        return Obstacle(f"No verdict for {', '.join(adaptive)}: {WITHHELD}.")
    if unequal and not allow_unequal:
        what = "; ".join(str(item) for item in unequal)
        return Obstacle(f"No verdict: the arms differ in {what}.")
    return Obstacle(_UNEQUAL, accepted=True) if unequal else None


_UNEQUAL = (
    "No verdict: the budgets are unequal, so only the search values are compared, as the best of "
    "equally many trials; the final medians were selected from different numbers of trials."
)


def verdict(contenders: Sequence[Contender], rows: Sequence[ArmRow], pairs: Sequence[Pair]) -> str:
    """The sentence for arms that may be compared."""
    judged = [c for c in contenders if not c.replication]
    if len(judged) < 2:
        return " ".join(
            alone(contender.first, row.studies[0], len(contender.studies))
            for contender, row in zip(contenders, rows, strict=True)
        )
    studies = len(judged[0].studies)
    if studies < FEWEST_STUDIES:
        return _configurations_only(judged, pairs, studies)
    return _optimizers(judged, pairs, studies)


def alone(study: StudyData, result: StudyRow, studies: int) -> str:
    """The sentence for a complete study that is compared with nothing.

    Args:
        study: replicate 0 of its arm.
        result: what it came to.
        studies: replicates of the arm.
    """
    if result.final_median is None:
        return f"{study.name}: the median of its final seeds falls on an infeasible run."
    examples = show_examples(result.final_median, study.resolution)
    value = show_value(result.final_median, study.resolution)
    text = f"{study.name}: median {study.metric} {value}" + (f" ({examples})" if examples else "")
    if result.interval is not None:
        low, high = (show_value(v, study.resolution)
                     for v in (result.interval.low, result.interval.high))  # fmt: skip
        text += f", 95 % interval over seeds [{low}, {high}]"
    if result.target is not None:
        text += f"; {result.target.reached} of {result.target.n} seeds reach {study.target:g}"
        text += _target_words(result.target.median_reaches, result.target.confirmed)
    return text + _marks(study, studies) + "."


def _target_words(point: bool, confirmed: bool) -> str:
    if confirmed:
        return ", so the configuration's median is above it (95 %, sign test)"
    if point:
        return ": the median reaches it, which so many seeds do not confirm (sign test)"
    return ": the median does not reach it"


def _marks(study: StudyData, studies: int) -> str:
    if study.replication:
        return " (a replication: its points were given, not searched)"
    if studies < FEWEST_STUDIES:
        return " (configuration only: one search, one winner)"
    return ""


def _configurations_only(judged: Sequence[Contender], pairs: Sequence[Pair], studies: int) -> str:
    shown = "; ".join(_pair_words(judged[0].first, pair) for pair in pairs)
    many = "one study" if studies == 1 else f"{studies} studies"
    return (
        f"Configuration only ({many} per arm), medians over the same seeds: {shown}. "
        f"Which optimizer is better at this budget needs budget.studies of {FEWEST_STUDIES} or "
        "more, for another search would find other winners."
    )


def _pair_words(study: StudyData, pair: Pair) -> str:
    seeds, first, second = pair.over_seeds, pair.first, pair.second
    if not pair.measurable:
        return f"{first}'s and {second}'s are less than two examples apart, which is no difference"
    if pair.ahead_over_seeds is None:
        numbers = _interval_words(seeds, study.resolution)
        return f"no difference is shown between {first}'s and {second}'s, {numbers}"
    swapped = pair.ahead_over_seeds == second
    ahead, behind = (second, first) if swapped else (first, second)
    word = "higher" if study.goal is Goal.MAXIMIZE else "lower"
    numbers = _interval_words(_negated(seeds) if swapped else seeds, study.resolution)
    return f"{ahead}'s is {word} than {behind}'s, by {numbers}"


def _optimizers(judged: Sequence[Contender], pairs: Sequence[Pair], studies: int) -> str:
    shown = [pair for pair in pairs if pair.better is not None]
    if not shown:
        return (
            f"No difference between the optimizers is shown at this budget: with {studies} studies "
            "per arm every difference over studies has an interval that includes zero, is under "
            "two examples, or falls on infeasible runs."
        )
    resolution = judged[0].first.resolution
    sentences = [_better_words(pair, resolution, studies) for pair in shown]
    rest = len(pairs) - len(shown)
    if rest:
        sentences.append(
            f"No difference is shown in {rest} other {'pair' if rest == 1 else 'pairs'}."
        )
    return " ".join(sentences)


def _better_words(pair: Pair, resolution: float | None, studies: int) -> str:
    over = pair.over_studies
    if over is None:
        raise AssertionError("only an interval over studies names a better optimizer")
    found, worse = Difference(over.estimate, over.low, over.high), pair.second
    if pair.better == pair.second:
        found, worse = _negated(found), pair.first
    estimate, low, high = _shown(found, resolution)
    return (
        f"{pair.better} is better than {worse} at this budget: by {estimate}, 95 % interval over "
        f"{studies} studies [{low}, {high}]."
    )


def _interval_words(difference: Difference, resolution: float | None) -> str:
    estimate, low, high = _shown(difference, resolution)
    return f"{estimate} [{low}, {high}]"


def _shown(difference: Difference, resolution: float | None) -> list[str]:
    numbers = (difference.estimate, difference.low, difference.high)
    return [show_difference(number, resolution) for number in numbers]


def _negated(difference: Difference) -> Difference:
    """The second minus the first."""
    numbers = (difference.estimate, difference.high, difference.low)
    return Difference(*(None if number is None else -number for number in numbers))
