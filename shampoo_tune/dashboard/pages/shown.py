"""A view as a page shows it, with the addresses of itself and of its data."""

from collections.abc import Sequence
from dataclasses import dataclass

from shampoo_tune.tuner.report.figure import Figure
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.words import Words


@dataclass(frozen=True)
class Shown:
    """What stands around a drawing, and where it leads.

    Attributes:
        key: its name.
        words: title and explanations.
        drawings: as SVG; none if the view is absent, or is a table alone.
        table: shown in place of a drawing, or None.
        notes: sentences on these data.
        wide: whether a drawing takes a row of its own.
        half: whether another may stand beside it.
        page: its own page, or empty on it.
        data: the address of its data as JSON.
        csv: the same as a table.
    """

    key: str
    words: Words
    drawings: Sequence[str]
    table: Table | None
    notes: Sequence[str]
    wide: bool
    half: bool
    page: str
    data: str
    csv: str


def shown_figure(figure: Figure, page: str, data: str, csv: str) -> Shown:
    """A document's figure on a page; its numbers stand in their place if nothing is drawn."""
    table = None if figure.drawings else figure.table
    return Shown(
        figure.key, figure.words, figure.drawings, table, figure.notes, figure.wide, False,
        page, data, csv,
    )  # fmt: skip
