"""The HTML file: it parses, stands alone, and no name can break out of its place."""

import base64
import csv
import dataclasses
import hashlib
import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import Connection

from shampoo_tune.tuner.report.document import make_document
from shampoo_tune.tuner.report.page import render_page
from shampoo_tune.tuner.report.table import Table
from shampoo_tune.tuner.verifying.evidence import make_evidence
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import PretendedLaboratory

EVIL = "a</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;"
_VOID = {"meta", "br", "img", "link", "hr", "input"}


class Page(HTMLParser):
    """Checks that every element is closed in its order, and keeps what tests ask for."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts[self.open[-1]][-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def html(connection: Connection) -> str:
    return render_page(make_document(connection, "quick"), make_evidence(connection, "quick"))


def evil_page(folder: Path) -> str:
    """A group whose name is markup; so are its studies' names and the reasons of its runs."""
    laboratory = PretendedLaboratory(folder)
    laboratory.run(quick_study(), lambda point, seed: 0.5 + seed % 7 / 100, name=EVIL)
    with laboratory.read() as connection:
        document = make_document(connection, EVIL)
        evidence = make_evidence(connection, EVIL)
    laboratory.close()
    failures = Table(("reason",), ((EVIL,),), EVIL)
    return render_page(dataclasses.replace(document, failures=failures, remarks=(EVIL,)), evidence)


def test_the_page_is_well_formed_and_loads_nothing(html: str) -> None:
    page = Page(html)
    addresses = set(re.findall(r"\bhttps?://[^\s\"'<)]+", html))
    assert addresses <= {"http://www.w3.org/2000/svg"}
    assert not page.all("link")
    assert not page.all("img")
    for _, attributes in page.tags:
        assert not {"src", "style", "srcset"} & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
    targets = [a["href"] or "" for a in page.all("a")]
    assert all(target.startswith(("#", "data:text/csv")) for target in targets)
    keys = {attributes.get("id") for _, attributes in page.tags}
    assert {target[1:] for target in targets if target.startswith("#")} <= keys


def test_the_policy_allows_its_own_style_and_nothing_else(html: str) -> None:
    page = Page(html)
    (style,) = page.texts["style"]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = (m["content"] for m in page.all("meta") if m.get("http-equiv"))
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; "
        "form-action 'none'"
    )
    assert all(script["type"] == "application/json" for script in page.all("script"))


def test_every_figure_carries_its_data_and_a_download(html: str) -> None:
    page = Page(html)
    *views, evidence = page.all("script")
    assert [view["data-view"] for view in views] == [f["id"] for f in page.all("figure")]
    assert evidence["id"] == "evidence"
    for text in page.texts["script"]:
        assert json.loads(text) is not None
    downloads = [a for a in page.all("a") if "download" in a]
    assert {str(a["download"]) for a in downloads} >= {
        "seeds.csv", "seed-bands.csv", "best-of-k.csv", "axis-plots-0.csv", "history-1.csv",
    }  # fmt: skip
    for link in downloads:
        encoded = str(link["href"]).partition("base64,")[2]
        rows = list(csv.reader(io.StringIO(base64.b64decode(encoded).decode())))
        assert len(rows) > 1
        assert len({len(row) for row in rows}) == 1


def test_drawings_and_tables_can_be_read_aloud(html: str) -> None:
    page = Page(html)
    drawings = page.all("svg")
    assert len(drawings) > 20
    assert all(drawing["role"] == "img" for drawing in drawings)
    assert html.count("<desc>") == len(drawings)
    assert {header["scope"] for header in page.all("th")} == {"row", "col"}
    assert page.all("html") == [{"lang": "en"}]
    scrolled = [a for t, a in page.tags if t == "div" and a.get("class") == "scroll"]
    assert all(a["tabindex"] == "0" and a["aria-label"] for a in scrolled)


def test_the_verdict_stands_before_everything_else(html: str) -> None:
    assert html.index('class="verdict"') < html.index("<nav")
    assert html.index("Configuration only (one study per arm)") < html.index("<svg")


def test_a_name_that_is_markup_stays_text_everywhere(tmp_path: Path) -> None:
    html = evil_page(tmp_path)
    page = Page(html)
    assert all(script["type"] == "application/json" for script in page.all("script"))
    assert not page.all("img")
    assert page.texts["h1"] == [EVIL]
    assert page.texts["caption"][0] == EVIL
    assert f"{EVIL}/nesterov" in page.texts["h2"]
    data = {s.get("data-view", s.get("id")): json.loads(t)
            for s, t in zip(page.all("script"), page.texts["script"], strict=True)}  # fmt: skip
    assert f"{EVIL}/nesterov" in data["seeds"]
    assert data["evidence"]["groups"][0]["name"] == EVIL


def test_the_same_rows_make_the_same_page(connection: Connection, html: str) -> None:
    again = render_page(make_document(connection, "quick"), make_evidence(connection, "quick"))
    assert again == html
