"""A report as one HTML file that loads nothing, runs nothing, and shows the same everywhere."""

import base64
import functools
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from shampoo_tune.tuner.report.document import Document
from shampoo_tune.tuner.report.table import Table

SHOWN_ROWS = 50  # of a figure's table; the download has all


def render_page(document: Document, evidence: Mapping[str, Any]) -> str:
    """The document as HTML, with the evidence that it follows from.

    Every name and value is escaped by the templates; drawings were escaped as they were written.
    """
    environment = _environment()
    style = environment.loader.get_source(environment, "report.css")[0]  # type: ignore[union-attr]
    page = environment.get_template("report.html")
    return page.render(
        document=document,
        evidence=evidence,
        style=Markup(style),  # noqa: S704  (a file of this package)
        style_hash=_hash(style),
        shown_rows=SHOWN_ROWS,
    )


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("shampoo_tune.tuner.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data"] = _embed
    environment.filters["download"] = _download
    environment.filters["drawing"] = Markup
    return environment


def _hash(style: str) -> str:
    """What the page's policy allows: this one style and nothing else."""
    digest = hashlib.sha256(style.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _embed(data: Any) -> Markup:
    """JSON that cannot end the script element that holds it, whatever names are in it."""
    text = json.dumps(data, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  (nothing in it is markup any more)


def _download(table: Table) -> str:
    """The whole table as an address that holds the data itself."""
    encoded = base64.b64encode(table.to_csv().encode()).decode()
    return f"data:text/csv;charset=utf-8;base64,{encoded}"
