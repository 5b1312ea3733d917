"""A comparison on a terminal: the verdict, the arms, what each spent, all pairs."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from shampoo_tune.tuner.comparison.comparing import Comparison
from shampoo_tune.tuner.report.comparison_tables import (
    arms_table,
    best_of_table,
    ledger_table,
    pairs_table,
)
from shampoo_tune.tuner.report.table import Table


def print_comparison(comparison: Comparison, console: Console) -> None:
    """Print everything; the verdict comes first."""
    console.print(Text(comparison.title, style="bold"))
    console.print(Text(comparison.verdict))
    for remark in comparison.remarks:
        console.print(Text(f"note: {remark}"))
    console.print(_drawn(best_of_table(comparison)))
    console.print(_drawn(arms_table(comparison)))
    if comparison.pairs:
        console.print(_drawn(pairs_table(comparison)))
    console.print(_drawn(ledger_table(comparison)))


def _drawn(table: Table) -> RichTable:
    drawn = RichTable(box=SIMPLE_HEAD, caption=Text(table.caption) if table.caption else None)
    for number, header in enumerate(table.headers):
        drawn.add_column(Text(header), overflow="fold", no_wrap=number < table.names)
    for row in table.rows:
        drawn.add_row(*map(Text, row))
    return drawn
