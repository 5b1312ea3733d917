"""What a document says of a view, whatever its data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """The fixed texts of a view.

    Attributes:
        title: a few words.
        look: one sentence on what to look for.
        marks: what the marks of its drawing stand for, or empty.
    """

    title: str
    look: str
    marks: str = ""


def percent(share: float) -> str:
    """A share in whole per cent; its two parts stay on one line."""
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"
