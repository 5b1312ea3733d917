"""How often each interval covers the truth, and each verdict and flag is wrong.

Usage: python -m benchmarks.intervals [--draws 10000] [--bootstraps 2000] [--studies 400]

Prints tables in Markdown, in percent, and the same ones every time: seeds are fixed.
"""

import argparse
from collections.abc import Iterable, Sequence

import numpy as np
from scipy import stats

from benchmarks.coverage import BOOTSTRAP, CLAIMS, SEEDS, SHAPES, Claim, share_true
from benchmarks.edges import DETECTION, FALSE_ALARMS, Question, share_flagged
from shampoo_tune.study import Goal
from shampoo_tune.tuner.statistics.target import share_interval, target_verdict

SIZES = ((2, 20), (2, 100), (3, 50), (4, 20), (4, 100), (5, 50), (6, 20), (6, 100))


def least_coverage_of_a_share(n: int) -> float:
    """The smallest of all shares' exact coverages by `share_interval`, on a grid of 2,000."""
    intervals = [share_interval(k, n) for k in range(n + 1)]
    low, high = np.array([(i.low, i.high) for i in intervals]).T
    shares = (np.arange(2000) + 0.5)[:, None] / 2000
    covered = (low <= shares) & (shares <= high)
    return float((stats.binom.pmf(np.arange(n + 1), n, shares) * covered).sum(axis=1).min())


def chance_of_false_confirmation(n: int) -> float:
    """Exact, at the worst: when the true median is the target."""
    confirmed = [target_verdict([1.0] * k + [0.0] * (n - k), 1.0, Goal.MAXIMIZE).confirmed
                 for k in range(n + 1)]  # fmt: skip
    return float(stats.binom.pmf(np.arange(n + 1), n, 0.5) @ confirmed)


def _print_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    print("| " + " | ".join(header) + " |\n|" + "---|" * len(header))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)
    print()


def _claim_rows(claim: Claim, draws: int) -> Iterable[Sequence[str]]:
    for n in claim.numbers:
        cells = [f"{100 * share_true(claim, shape, n, draws):.1f}" if shape in claim.shapes else ""
                 for shape in SHAPES]  # fmt: skip
        yield [claim.name, str(n), *cells]


def _edge_rows(questions: Sequence[Question], studies: int) -> Iterable[Sequence[str]]:
    for question in questions:
        shares = [share_flagged(question, d, n, studies) for d, n in SIZES]
        yield [question.name, question.flag, *(f"{100 * share:.1f}" for share in shares)]


def main() -> None:
    """Print all tables, in percent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--bootstraps", type=int, default=2000)
    parser.add_argument("--studies", type=int, default=400)
    options = parser.parse_args()
    _print_table(
        ("exact, percent", *map(str, SEEDS)),
        [
            ("least coverage of `share_interval`",
             *(f"{100 * least_coverage_of_a_share(n):.1f}" for n in SEEDS)),
            ("`confirmed` though the median is the target",
             *(f"{100 * chance_of_false_confirmation(n):.1f}" for n in SEEDS)),
        ],
    )  # fmt: skip
    jobs = [*((claim, options.draws) for claim in CLAIMS), (BOOTSTRAP, options.bootstraps)]
    rows = (row for claim, draws in jobs for row in _claim_rows(claim, draws))
    _print_table(("percent of draws", "n", *SHAPES), rows)
    header = ("flagged, percent", "flag", *(f"d={d}, n={n}" for d, n in SIZES))
    _print_table(header, _edge_rows(FALSE_ALARMS, options.studies))
    _print_table(header, _edge_rows(DETECTION, options.studies))


if __name__ == "__main__":
    main()
