"""A report's tables on a terminal."""

from rich.box import SIMPLE_HEAD
from rich.table import Table as RichTable
from rich.text import Text

from shampoo_tune.tuner.report.table import Table


def to_rich(table: Table) -> RichTable:
    """The table as rich draws it; names are never cut."""
    drawn = RichTable(box=SIMPLE_HEAD, caption=Text(table.caption) if table.caption else None)
    for number, header in enumerate(table.headers):
        drawn.add_column(Text(header), overflow="fold", no_wrap=number < table.names)
    for row in table.rows:
        drawn.add_row(*map(Text, row))
    return drawn
