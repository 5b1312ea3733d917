"""A table of texts: the form of a view that is read, copied and downloaded."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """Rows of texts under headers; the first cell of a row is its name.

    Attributes:
        headers: one a column.
        rows: each as long as the headers.
        caption: what the table shows, or empty.
        names: how many of the first columns are texts rather than numbers.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    names: int = 1

    def to_csv(self) -> str:
        """All rows as comma-separated values."""
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(self.headers)
        writer.writerows(self.rows)
        return buffer.getvalue()


def stack(tables: Sequence[tuple[str, Table]], header: str = "study") -> Table:
    """Tables with the same headers as one, each row under its table's name."""
    first = tables[0][1]
    rows = tuple((name, *row) for name, table in tables for row in table.rows)
    return Table((header, *first.headers), rows, first.caption, first.names + 1)
