"""A report as it was published: the evidence in it, and every text that it shows.

It is parsed by the standard library and nothing in it is run, loaded or believed.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from shampoo_tune.errors import InvalidInputError, NotFoundError

EVIDENCE = "evidence"  # the id of the script element that holds it
_MAX_BYTES = 256 * 1024 * 1024
_PLACES = ("section", "figure")
_VOID = {"meta", "br", "img", "link", "input", "hr", "wbr"}


@dataclass
class Page:
    """What a page shows.

    Attributes:
        texts: (place, what) -> text: the cells of tables by row and column, other texts by their
            element, the data of views as JSON.
        markup: place -> all tags with their attributes, in their order.
        evidence: the text of the evidence, or None.
    """

    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    markup: dict[str, list[str]] = field(default_factory=dict)
    evidence: str | None = None


def read_report(path: Path) -> str:
    """The text of a report file.

    Raises:
        NotFoundError: there is no such file.
        InvalidInputError: it cannot be read, is no text, or is too large.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {path}") from None
    except OSError as error:
        raise InvalidInputError(f"cannot read {path}: {error.strerror}") from None
    if len(raw) > _MAX_BYTES:
        raise InvalidInputError(f"{path} is larger than {_MAX_BYTES >> 20} MiB: no report")
    try:
        return raw.decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InvalidInputError(f"{path} is no UTF-8 text: {error}") from None


def evidence_of(page: Page, name: str) -> Any:
    """The JSON value of a page's evidence.

    Raises:
        InvalidInputError: there is none, or it is no JSON.
    """
    if page.evidence is None:
        raise InvalidInputError(
            f"{name} has no data to verify: an HTML report of `shampoo-tune report` has, whole"
        )
    try:
        return json.loads(page.evidence, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"the data in {name} are no JSON: {error}") from None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def parse_page(text: str) -> Page:
    """Everything that a page shows. Any text is a page: markup that is broken shows as texts."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    """Knows in which section, figure, table, row and column it is."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self._places: list[tuple[str, str]] = []
        self._open: list[str] = []
        self._counts = Counter[tuple[str, str]]()
        self._script: str | None = None
        self._headers: list[str] = []
        self._row: list[str] = []
        self._cell: str | None = None
        self._in_head = False

    @property
    def _place(self) -> str:
        return " ".join(name for _, name in self._places) or "page"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag in _PLACES:
            self._places.append((tag, f"{tag} {named.get('id')}"))
        self._note(self.get_starttag_text() or tag)
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "script":
            self._script = named.get("id") or named.get("data-view") or ""
        elif tag == "table":
            self._counts[self._place, "table"] += 1
            self._headers = []
        elif tag == "thead":
            self._in_head = True
        elif tag == "tr":
            self._row = []
        elif tag in ("td", "th"):
            self._cell = ""

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(self.get_starttag_text() or tag)

    def handle_endtag(self, tag: str) -> None:
        self._note(f"</{tag}>")
        if tag in ("td", "th") and self._cell is not None:
            self._end_cell(self._cell)
        elif tag == "thead":
            self._in_head, self._headers = False, self._row
        elif tag == "script":
            self._script = None
        if tag in self._open:
            while self._open.pop() != tag:
                pass
        if self._places and self._places[-1][0] == tag:
            self._places.pop()

    def _end_cell(self, text: str) -> None:
        self._cell = None
        self._row.append(text)
        column, table = len(self._row) - 1, self._counts[self._place, "table"]
        header = self._headers[column] if column < len(self._headers) else ""
        row = "the headers" if self._in_head else f"row {self._row[0]!r}"
        column_name = f"column {header!r}" if header else f"column {column + 1}"
        self._add(f"table {table}, {row}, {column_name}", text)

    def handle_data(self, data: str) -> None:
        if self._script == EVIDENCE:
            self.page.evidence = (self.page.evidence or "") + data
        elif self._cell is not None:
            self._cell += data
        elif self._script is not None:
            self._add(f"data of {self._script!r}", data)
        elif data.strip():
            self._add(f"<{self._open[-1] if self._open else 'text'}>", " ".join(data.split()))

    def handle_comment(self, data: str) -> None:
        self._note(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._note(f"<!{decl}>")

    def handle_pi(self, data: str) -> None:
        self._note(f"<?{data}>")

    def unknown_decl(self, data: str) -> None:
        self._note(f"<![{data}]>")

    def _note(self, tag: str) -> None:
        self.page.markup.setdefault(self._place, []).append(tag)

    def _add(self, what: str, text: str) -> None:
        """Several of one kind are numbered."""
        place = self._place
        self._counts[place, what] += 1
        number = self._counts[place, what]
        self.page.texts[place, f"{what} {number}" if number > 1 else what] = text
