"""The protocol's measured error rate: how often each rule names a wrong winner, or misses one.

Usage: python -m benchmarks.protocol [--studies 500] [--synthetic 10000] [--pool FOLDER]
                                     [--write-readme]

Trains whole studies of protocol_study.yaml, or goes on with those that it finds in the folder, and
simulates more on a synthetic surface. With --write-readme the tables replace the blocks between
the markers in README.md and docs/protocol_error_rate.md.
"""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks import protocol_report as report
from benchmarks.protocol_coverage import split_winners
from benchmarks.protocol_pool import PLAIN, WEAK, WEAKER, PoolFile, Size, default_folder
from benchmarks.protocol_rules import rules
from benchmarks.protocol_synthetic import Surface, designs, simulate
from benchmarks.protocol_training import load_study
from shampoo_tune.study import Budget
from shampoo_tune.workloads import WORKLOADS

ROOT = Path(__file__).parent.parent
PAGE = Path("docs") / "protocol_error_rate.md"
BLOCK = re.compile(r"(?<=<!-- protocol -->\n).*?(?=<!-- /protocol -->)", re.DOTALL)
SHORT = 9  # rules in the README's table
README = """\
Whole studies, trained and simulated. A/A: one optimizer under two names, so every winner is false.
A/B: the optimizer against itself with a true handicap, of {} standard
deviations over studies. In brackets 95 % intervals.
"""

# The handicaps resemble the pool's in size; each moves the optimum, as a schedule does.
SURFACES = {
    PLAIN: Surface(),
    WEAKER: Surface(gap=0.0098, optimum=(0.45, 0.35, 0.5)),
    WEAK: Surface(gap=0.0184, optimum=(0.5, 0.3, 0.5)),
}


@dataclass(frozen=True)
class Pages:
    """What goes into the README, and into the page of its own."""

    readme: str
    page: str


def trained(pool: PoolFile, size: Size, seeds: int) -> tuple[report.Source, str]:
    """The trained studies, and a sentence on how many runs they took."""
    pool.train(size, lambda sentence: print(sentence, file=sys.stderr))
    found = pool.read(size)
    source = report.Source(
        name="mlp_digits",
        arms=found.arms,
        winners=split_winners(found.winners, seeds),
        candidates=found.candidates,
    )
    return source, f"{sum(map(len, found.arms.values())):,} whole studies, {found.runs:,} runs"


def simulated(studies: int, budget: Budget) -> report.Source:
    """As many studies of each handicapped surface, twice as many of the plain one."""
    units = designs(range(2 * studies), budget, len(SURFACES[PLAIN].optimum))
    found = {
        arm: simulate(surface, units[: None if arm == PLAIN else studies], budget, 0, number)
        for number, (arm, surface) in enumerate(SURFACES.items())
    }
    plain = found[PLAIN]
    return report.Source(
        name="synthetic",
        arms={arm: simulation.studies for arm, simulation in found.items()},
        winners=(plain.studies.final, plain.truth),
        candidates=plain.candidates,
    )


def pages(sources: list[report.Source], budget: Budget, resolution: float, runs: str) -> Pages:
    """The tables of all sources."""
    found = {s.name: report.rates(rules(budget, resolution), s.arms) for s in sources}
    text = f"Trained: {runs}.\n"
    for source in sources:
        text += f"\n## {source.name}\n\n### The truth\n\n{report.truth_table(source)}"
        text += f"\n### Error rates\n\n{report.rates_table(found[source.name])}"
        text += f"\n### Coverage\n\n{report.coverage_table(source)}"
        text += f"\n### Choosing the winner\n\n{report.selection_table(source.candidates)}"
    handicaps = " and ".join(f"{report.handicap(s):.1f} ({s.name})" for s in sources)
    return Pages(f"{README.format(handicaps)}\n{report.short_table(found, SHORT)}", text)


def write(path: Path, block: str) -> None:
    """Replace what stands between the markers of a page."""
    text = path.read_text()
    if not BLOCK.search(text):
        raise ValueError(f"{path} has no <!-- protocol --> ... <!-- /protocol --> to replace")
    path.write_text(BLOCK.sub(lambda _: block, text))


def main() -> None:
    """Train, simulate, print, and write if asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--synthetic", type=int, default=10_000)
    parser.add_argument("--selections", type=int, default=200)
    parser.add_argument("--winners", type=int, default=20)
    parser.add_argument("--pool", type=Path, default=default_folder())
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    parser.add_argument("--write-readme", action="store_true")
    options = parser.parse_args()
    study = load_study(options.overrides)
    size = Size(options.studies, options.selections, options.winners)
    pool = PoolFile(options.pool, options.overrides)
    source, runs = trained(pool, size, study.budget.seeds)
    resolution = WORKLOADS[study.workload.name].resolution(study.metric.name) or 0.0
    sources = [source, simulated(options.synthetic, study.budget)]
    made = pages(sources, study.budget, resolution, runs)
    print(f"{made.readme}\n{made.page}")
    if options.write_readme:
        write(ROOT / "README.md", made.readme)
        write(ROOT / PAGE, made.page)


if __name__ == "__main__":
    main()
