"""A report's tables on a terminal."""

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from shampoo_tune.tuner.report.table import Table

_AROUND = 3  # spaces that a column has at its sides; the table has one more


def to_rich(table: Table, width: int) -> Group:
    """The table as rich draws it, and what it shows below.

    Rich would cut words and leave out columns in a narrow terminal. Here a table turns, its rows to
    columns, before a word is cut, and words are cut before anything is left out.

    Args:
        table: texts under headers.
        width: of the terminal.
    """
    shown = _turned(table) if width < _least_width(table) > _least_width(_turned(table)) else table
    drawn = RichTable(box=SIMPLE_HEAD)
    for header, columns in zip(shown.headers, _widths(shown, width), strict=True):
        drawn.add_column(Text(header), overflow="fold", width=columns)
    for row in shown.rows:
        drawn.add_row(*map(Text, row))
    # Not as rich's caption, which loses words where it breaks.
    caption = [Padding(Text(table.caption), (0, 2))] if table.caption else []
    return Group(drawn, *caption)


def _widths(table: Table, width: int) -> list[int]:
    """Of each column: as wide as its cells, less where there is no room for all."""
    widths, least = _most_widths(table), _least_widths(table)
    room = max(width - _AROUND * len(widths) - 1, len(widths))
    while sum(widths) > room:
        spare = [now - need for now, need in zip(widths, least, strict=True)]
        widest = spare if max(spare) > 0 else widths
        widths[widest.index(max(widest))] -= 1
    return widths


def _least_width(table: Table) -> int:
    widths = _least_widths(table)
    return sum(widths) + _AROUND * len(widths) + 1


def _least_widths(table: Table) -> list[int]:
    """With no word cut and no name broken."""
    most = _most_widths(table)
    words = [" ".join(column).split() for column in _columns(table)[table.names :]]
    return [*most[: table.names], *(max(map(len, column), default=0) for column in words)]


def _most_widths(table: Table) -> list[int]:
    """With every line of a cell on one line."""
    lines = ["\n".join(column).split("\n") for column in _columns(table)]
    return [max(map(len, column)) for column in lines]


def _columns(table: Table) -> list[tuple[str, ...]]:
    return list(zip(table.headers, *table.rows, strict=True))


def _turned(table: Table) -> Table:
    """A column for each row, under its names."""
    names = table.names
    headers = ("", *(" ".join(row[:names]) for row in table.rows))
    cells = zip(table.headers[names:], *(row[names:] for row in table.rows), strict=True)
    return Table(headers, tuple(cells), table.caption)
