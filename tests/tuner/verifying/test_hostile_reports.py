"""No text, and no evidence, ends an audit in anything but an answer or a clear error."""

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.storage.database import Database, create_or_open
from shampoo_tune.tuner.report.document import make_document
from shampoo_tune.tuner.report.page import render_page
from shampoo_tune.tuner.verifying.chain import audit
from shampoo_tune.tuner.verifying.evidence_form import read_evidence
from shampoo_tune.tuner.verifying.page_link import page_link
from shampoo_tune.tuner.verifying.report_file import evidence_of, parse_page
from shampoo_tune.tuner.verifying.restoring import restore
from shampoo_tune.verify_console import print_verification
from tests.tuner.verifying.conftest import audit_of

_SCRAPS = st.sampled_from(
    ["<", ">", "</", "<script id='evidence'>", "</script>", "<!--", "-->", "<![CDATA[", "]]>",
     "<?", "&", "&lt;", "<table>", "<tr>", "<td>", "</tr>", "<section id=a>", "<svg/>", "\0"]
)  # fmt: skip
_PAGES = st.lists(_SCRAPS | st.text(max_size=5), max_size=30).map("".join)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip


@given(_PAGES, _PAGES)
def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    assert page_link(one, one).differences == ()
    assert (page_link(one, other).differences == ()) == (one == other)


@given(_PAGES)
def test_any_text_has_evidence_or_an_error(text: str) -> None:
    try:
        read_evidence(evidence_of(parse_page(text), "a.html"))
    except ShampooTuneError as error:
        assert "data" in str(error)  # noqa: PT017


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database without groups; whoever writes takes it back."""
    folder = tmp_path_factory.mktemp("empty")
    with create_or_open(f"sqlite:///{folder / 'evidence.db'}") as database:
        yield database


class _TakenBackError(Exception):
    pass


@contextmanager
def taken_back(database: Database) -> Iterator[Any]:
    try:
        with database.write() as connection:
            yield connection
            raise _TakenBackError
    except _TakenBackError:
        pass


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values stand in a document, containers too."""
    yield path
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from paths(inner, (*path, key))


@settings(max_examples=30)
@given(data=st.data())
def test_evidence_with_anything_anywhere_is_refused_or_audited(
    data: st.DataObject, report: str, empty: Database
) -> None:
    evidence = copy.deepcopy(json.loads(parse_page(report).evidence or ""))
    everywhere = [path for path in paths(evidence) if path]
    # Most paths are in the curves: as often somewhere else.
    apart = [path for path in everywhere if "runs" not in path]
    *parents, last = data.draw(st.sampled_from(apart) | st.sampled_from(everywhere))
    place = evidence
    for key in parents:
        place = place[key]
    place[last] = data.draw(_JSON)
    try:
        form = read_evidence(evidence)
        with taken_back(empty) as connection:
            restore(connection, form)
            links, _ = audit(connection, form.groups[-1].name)
            if not any(link.differences for link in links):
                render_page(make_document(connection, form.groups[-1].name), evidence)
    except ShampooTuneError:
        pass


@pytest.mark.parametrize("threads", [{"LD_PRELOAD": "a.so"}, {"NPROC": "1; rm"}])
def test_no_report_sets_variables_of_a_worker(report: str, threads: dict[str, str]) -> None:
    evidence = json.loads(parse_page(report).evidence or "")
    evidence["groups"][0]["facts"][0]["threads"] = threads
    with pytest.raises(InvalidInputError, match=r"data are broken: groups\.0\.facts"):
        read_evidence(evidence)


def test_nothing_in_a_report_is_obeyed_by_the_terminal(report: str, tmp_path: Path) -> None:
    found = audit_of(report.replace("<h1>quick</h1>", "<h1>\x1b[2Jquick</h1>"), tmp_path)
    printed = StringIO()
    print_verification(found, Console(file=printed, width=120))
    assert "<h1> is \\x1b[2Jquick, not quick" in printed.getvalue()
    assert "\x1b" not in printed.getvalue()
