"""A report as Markdown: every view as its table."""

import re

from shampoo_tune.tuner.report.document import Document, Section
from shampoo_tune.tuner.report.figure import Figure
from shampoo_tune.tuner.report.table import Table

_SHOWN_ROWS = 50


def render_markdown(document: Document) -> str:
    """The document as Markdown; names and values are escaped."""
    parts = [
        f"# {_escape(document.group)}",
        _escape(document.title),
        f"**{_escape(document.verdict)}**",
    ]
    parts += [f"> {_escape(remark)}" for remark in document.remarks]
    parts += [_table(table) for table in (document.differences, document.failures) if table]
    for section in document.sections:
        parts += _section(section)
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(section: Section) -> list[str]:
    parts = [f"## {_escape(section.title)}", _escape(section.text)]
    parts += map(_table, section.tables)
    for figure in section.figures:
        parts += _figure(figure)
    if section.source:
        parts.append(_fenced(section.source))
    return parts


def _figure(figure: Figure) -> list[str]:
    parts = [f"### {_escape(figure.words.title)}", _escape(figure.words.look)]
    parts += [_escape(note) for note in figure.notes]
    return [*parts, _table(figure.table)] if figure.table is not None else parts


def _table(table: Table) -> str:
    """A pipe table of the first rows; texts to the left, numbers to the right."""
    sides = ["---" if place < table.names else "---:" for place in range(len(table.headers))]
    lines = [_row(table.headers), f"|{'|'.join(sides)}|", *map(_row, table.rows[:_SHOWN_ROWS])]
    hidden = len(table.rows) - _SHOWN_ROWS
    text = "\n".join(lines)
    if hidden > 0:
        text += f"\n\nThe first {_SHOWN_ROWS} of {len(table.rows)} rows."
    return f"{_escape(table.caption)}\n\n{text}" if table.caption else text


def _row(cells: tuple[str, ...]) -> str:
    shown = (_escape(cell).replace("\n", "<br>") for cell in cells)
    return f"| {' | '.join(shown)} |"


def _escape(words: str) -> str:
    """The words with everything that Markdown or HTML would read as markup made harmless."""
    escaped = re.sub(r"([\\`*_\[\]#|~])", r"\\\1", words)
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _fenced(source: str) -> str:
    """A block of code whose fence is longer than any in it."""
    longest = max((len(run) for run in re.findall(r"`+", source)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}yaml\n{source.rstrip()}\n{fence}"
