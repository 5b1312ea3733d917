"""One plot of a document with all that stands around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shampoo_tune.tuner.report.absence import Absent
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.report.words import Words


@dataclass(frozen=True)
class Figure:
    """A view as a document shows it.

    Attributes:
        key: its place in the document, as in `history-0`.
        words: title and explanations.
        drawings: as SVG; none if the view is absent, or is a table alone.
        table: the same numbers to read; None if the view is absent.
        data: the view in JSON's types.
        notes: sentences on these data.
        wide: whether a drawing takes a row of its own.
    """

    key: str
    words: Words
    drawings: tuple[str, ...]
    table: Table | None
    data: Any
    notes: tuple[str, ...] = ()
    wide: bool = False


def absent_figure(key: str, words: Words, absences: Sequence[Absent]) -> Figure:
    """Stands for views that are not shown: says why."""
    reasons = list(dict.fromkeys(absent.reason for absent in absences))
    notes = tuple(f"Not shown: {reason}." for reason in reasons)
    data = {absent.study: {"absent": absent.reason} for absent in absences}
    return Figure(key, Words(words.title, ""), (), None, data, notes)
