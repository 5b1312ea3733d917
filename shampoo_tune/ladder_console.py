"""A ladder on a terminal: the sentences, steps to the target, and the rungs they rest on."""

from rich.console import Console
from rich.text import Text

from shampoo_tune.rich_tables import to_rich
from shampoo_tune.tuner.ladder.result import LadderResult
from shampoo_tune.tuner.report.steps_to_target import crossings_table, rungs_table, sentences


def print_ladder(result: LadderResult, console: Console) -> None:
    """Print everything; the sentences come first."""
    console.print(Text(result.title, style="bold"))
    for sentence in sentences(result):
        console.print(Text(sentence))
    console.print(to_rich(crossings_table(result), console.width))
    console.print(to_rich(rungs_table(result), console.width))
