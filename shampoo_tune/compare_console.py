"""A comparison on a terminal: the verdict, the arms, what each spent, all pairs."""

from rich.console import Console
from rich.text import Text

from shampoo_tune.ladder_console import print_ladder
from shampoo_tune.rich_tables import to_rich
from shampoo_tune.tuner.comparison.comparing import Comparison
from shampoo_tune.tuner.ladder.result import LadderResult
from shampoo_tune.tuner.report.comparison_tables import (
    arms_table,
    best_of_table,
    ledger_table,
    pairs_table,
)


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print everything; the verdict comes first."""
    console.print(Text(comparison.title, style="bold"))
    console.print(Text(comparison.verdict))
    for remark in comparison.remarks:
        console.print(Text(f"note: {remark}"))
    console.print(to_rich(best_of_table(comparison), console.width))
    console.print(to_rich(arms_table(comparison), console.width))
    if comparison.pairs:
        console.print(to_rich(pairs_table(comparison), console.width))
    console.print(to_rich(ledger_table(comparison), console.width))
    for ladder in comparison.ladders:
        if isinstance(ladder, LadderResult):
            print_ladder(ladder, console)
        else:
            console.print(Text(f"ladder {ladder.ladder}: {ladder.reason}"))
