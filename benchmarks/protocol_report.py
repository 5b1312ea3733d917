"""All that the studies of one pool or simulation say of the rules, as tables in Markdown."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import protocol_coverage as coverage
from benchmarks.protocol_pool import PLAIN, WEAK, WEAKER
from benchmarks.protocol_rules import Rule, Studies, decisions
from benchmarks.protocol_selection import Candidates, regrets
from shampoo_tune.tuner.statistics.target import share_interval

Array = NDArray[np.float64]
SHUFFLED = 6000  # comparisons of shuffled studies, about
FEWEST_SHUFFLES, MOST_SHUFFLES = 10, 120
TOO_FEW = "too few studies"
OVER = (3, 5, 10)  # studies of an interval


@dataclass(frozen=True)
class Source:
    """Studies to try the rules on.

    Attributes:
        name: as tables show it.
        arms: by name; the plain arm has twice as many studies as the others, row r is replicate r.
        winners: final phases of winners, shape [winners, seeds], and their true medians.
        candidates: to choose among.
    """

    name: str
    arms: Mapping[str, Studies]
    winners: tuple[Array, Array]
    candidates: Candidates


@dataclass(frozen=True)
class Rates:
    """What one rule decided: 1 for the first arm, -1 for the second, 0 for neither.

    Attributes:
        rule: which.
        same: of the plain arm against other replicates of itself.
        shuffled: share of `same` that named a winner, when the studies are shuffled again and
            again; None if the rule sees one study, or if there are too few or enough without.
        weaker: of the plain arm against the slightly handicapped one, replicate by replicate.
        weak: the same, with the larger handicap.
    """

    rule: Rule
    same: NDArray[np.int_]
    shuffled: float | None
    weaker: NDArray[np.int_]
    weak: NDArray[np.int_]


def rates(rules: Iterable[Rule], arms: Mapping[str, Studies]) -> list[Rates]:
    """Every rule on all studies; comparisons of one rule share no study."""
    plain, half = arms[PLAIN], len(arms[WEAKER])
    first, second = plain.rows(slice(half)), plain.rows(slice(half, None))
    return [
        Rates(
            rule,
            same=decisions(rule, first, second),
            shuffled=_shuffled(rule, plain) if rule.studies > 1 else None,
            weaker=decisions(rule, first, arms[WEAKER]),
            weak=decisions(rule, first, arms[WEAK]),
        )
        for rule in rules
    ]


def _shuffled(rule: Rule, plain: Studies) -> float | None:
    rng, half = np.random.default_rng(0), len(plain) // 2
    shuffles = min(SHUFFLED // max(half // rule.studies, 1), MOST_SHUFFLES)
    if half < rule.studies or shuffles < FEWEST_SHUFFLES:
        return None
    named = []
    for _ in range(shuffles):
        order = rng.permutation(len(plain))
        named += list(decisions(rule, plain.rows(order[:half]), plain.rows(order[half:])) != 0)
    return float(np.mean(named))


def truth_table(source: Source) -> str:
    """How much worse the handicapped arms truly are; infinite medians are counted apart."""
    lines = []
    for arm in (PLAIN, WEAKER, WEAK):
        values = source.arms[arm].medians
        finite = values[np.isfinite(values)]
        lines.append([
            arm, f"{len(values):,}", f"{len(values) - len(finite)}", f"{finite.mean():.4f}",
            f"{finite.std(ddof=1):.4f}", *_behind(source, arm),
        ])  # fmt: skip
    head = ["arm", "studies", "infinite medians", "mean median", "sd over studies",
            "plain arm minus this ± s.e.", "in sd", "correlation with it"]  # fmt: skip
    return _table(head, lines)


def handicap(source: Source, arm: str = WEAKER) -> float:
    """The true difference to the plain arm, in standard deviations over studies."""
    first, second = _finite_pairs(source.arms[PLAIN].medians, source.arms[arm].medians)
    return float((first - second).mean() / first.std(ddof=1))


def _behind(source: Source, arm: str) -> list[str]:
    if arm == PLAIN:
        return ["", "", ""]
    first, second = _finite_pairs(source.arms[PLAIN].medians, source.arms[arm].medians)
    difference = first - second
    error = difference.std(ddof=1) / np.sqrt(len(difference))
    return [
        f"{difference.mean():.5f} ± {error:.5f}",
        f"{handicap(source, arm):.1f}",
        f"{np.corrcoef(first, second)[0, 1]:.2f}",
    ]


def _finite_pairs(plain: Array, values: Array) -> Array:
    """Shape [2, replicates]: the replicates in which neither median is infinite."""
    pairs = np.array([plain[: len(values)], values])
    return pairs[:, np.isfinite(pairs).all(axis=0)]


def rates_table(found: Sequence[Rates]) -> str:
    """All rates of all rules, with Clopper-Pearson intervals."""
    head = ["rule", "runs an arm", "comparisons", "false winner, A/A", "shuffled",
            "smaller difference: right", "wrong", "larger difference: right", "wrong"]  # fmt: skip
    lines = [
        [
            r.rule.name, f"{r.rule.runs:,}", f"{len(r.same):,}", share(r.same != 0),
            "" if r.shuffled is None else f"{100 * r.shuffled:.1f} %",
            share(r.weaker > 0), _percent(r.weaker < 0), share(r.weak > 0), _percent(r.weak < 0),
        ]
        for r in found
    ]  # fmt: skip
    return _table(head, lines)


def short_table(found: Mapping[str, Sequence[Rates]], rules: int) -> str:
    """The first rules of several sources side by side."""
    head = ["rule", "runs an arm"]
    for name in found:
        head += [f"{name}: false winner (A/A)", "right / wrong (A/B)"]
    lines = []
    for row in list(zip(*found.values(), strict=True))[:rules]:
        cells = [row[0].rule.name, f"{row[0].rule.runs:,}"]
        for r in row:
            cells += [share(r.same != 0), f"{_percent(r.weaker > 0)} / {_percent(r.weaker < 0)}"]
        lines.append(cells)
    return _table(head, lines)


def coverage_table(source: Source) -> str:
    """How often the nominal 95 % intervals hold the truth."""
    plain, weaker = source.arms[PLAIN].medians, source.arms[WEAKER].medians
    found = [coverage.over_seeds(*source.winners)]
    found += [coverage.over_studies(plain, n) for n in OVER]
    found += [coverage.over_differences(plain[: len(weaker)], weaker, n) for n in OVER]
    lines = [
        [c.interval, f"{c.count:,}", f"{c.covered:,}", _share(c.covered, c.count)] for c in found
    ]
    return _table(["95 % interval", "intervals", "hold the truth", "coverage"], lines)


def selection_table(candidates: Candidates) -> str:
    """Regret in thousandths of the metric."""
    lines = [
        [r.scheme, _thousandths(r.mean, r.error),
         "" if r.beyond_first == 0 else _thousandths(r.beyond_first, r.beyond_first_error)]
        for r in regrets(candidates)
    ]  # fmt: skip
    return _table(["15 runs", "mean regret ± s.e.", "more than the first"], lines)


def share(named: NDArray[np.bool_]) -> str:
    """A share in percent with its interval, as in `5.0 % [3.2, 7.3]`."""
    return _share(int(named.sum()), len(named))


def _share(count: int, total: int) -> str:
    if not total:
        return TOO_FEW
    ends = share_interval(count, total)
    return f"{100 * count / total:.1f} % [{100 * ends.low:.1f}, {100 * ends.high:.1f}]"


def _percent(named: NDArray[np.bool_]) -> str:
    return f"{100 * named.mean():.1f} %" if named.size else TOO_FEW


def _thousandths(value: float, error: float) -> str:
    return f"{1000 * value:.2f} ± {1000 * error:.2f}"


def _table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"
