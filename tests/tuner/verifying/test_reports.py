"""Whatever is changed in a report is found and named: in a cell, a plot's data, the evidence."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shampoo_tune.errors import InvalidInputError, NotFoundError
from shampoo_tune.tuner.verifying.digests import digest_of
from shampoo_tune.tuner.verifying.report_file import parse_page
from shampoo_tune.tuner.verifying.sources import open_report
from tests.tuner.conftest import Laboratory
from tests.tuner.verifying.conftest import audit_of, chain_of, told


def with_evidence(report: str, change: Callable[[Any], None], *, seal: bool) -> str:
    """The report with changed evidence; with `seal` its digest is made to fit."""
    before = parse_page(report).evidence
    assert before is not None
    evidence = json.loads(before)
    change(evidence["groups"][-1])
    if seal:
        evidence["digest"] = digest_of(evidence["groups"])
    after = json.dumps(evidence, separators=(",", ":"), ensure_ascii=False)
    digests = (json.loads(before)["digest"], evidence["digest"])
    return report.replace(before, after).replace(*digests)


def final_runs(group: Any) -> list[Any]:
    return [run for run in group["studies"][0]["runs"] if run["phase"] == "final"]


def improve(group: Any) -> None:
    """One final run reaches all of it."""
    place = 1 + group["studies"][0]["metrics"].index("valid_accuracy")
    final_runs(group)[0]["attempts"][-1]["measured"][-1][place] = 1.0


def test_an_untouched_report_holds_and_has_the_digest_of_its_database(
    trained: Laboratory, report: str, tmp_path: Path
) -> None:
    found = audit_of(report, tmp_path)
    assert told(found) == []
    assert [link.name for link in found.links] == [
        "evidence", "file", "design", "runs", "values", "medians", "page",
    ]  # fmt: skip
    assert found.digest == chain_of(trained.url).digest
    assert found.digest is not None
    assert found.digest in report
    assert found.remarks == ()
    assert audit_of(report.replace("\n", "\r\n"), tmp_path).differences == 0  # sent by mail


def test_a_cell_of_a_table_is_named_by_row_and_column(report: str, tmp_path: Path) -> None:
    table = report.split('<section id="result">')[1]
    (shown,) = re.findall(r'<th scope="row">quick/nesterov</th><td>(.*?)</td>', table)[:1]
    found = audit_of(report.replace(f"<td>{shown}</td>", "<td>0.999 (359/359)</td>", 1), tmp_path)
    assert told(found) == [
        "page: section result: table 1, row 'quick/nesterov', column 'final median' is "
        f"0.999 (359/359), not {shown}"
    ]


def test_a_row_that_is_left_out_is_missed(report: str, tmp_path: Path) -> None:
    changed = re.sub(r'<tr><th scope="row">quick/wild</th>.*?</tr>', "", report, count=1)
    lines = told(audit_of(changed, tmp_path))
    assert any("row 'quick/wild', column 'final median' is nothing, not " in li for li in lines)


def test_a_value_of_a_plot_is_named_by_its_path(report: str, tmp_path: Path) -> None:
    (data,) = re.findall(r'data-view="history-0">(.*?)</script>', report)
    view = json.loads(data)
    name = next(key for key, value in view.items() if isinstance(value, list) and value)
    view[name][0] = 12345
    changed = report.replace(data, json.dumps(view, separators=(",", ":")))
    (line,) = told(audit_of(changed, tmp_path))
    assert "section study-0 figure history-0: data of 'history-0': " in line
    assert f"{name}.0" in line
    assert "is 12345, not " in line


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("</style>", ".verdict {display: none}</style>", "page: page: <style> is "),
        ("<main>", "<main><script>alert(1)</script>", "page: page: markup is "),
        ("<h1>quick</h1>", "<h1>quick, peer reviewed</h1>", "<h1> is quick, peer reviewed, not"),
        ('<path d="M', '<path d="M0 0', "markup is "),
        ("&#39;", "'", "page: page: source is "),
        ("</main>", "<p>All of it is true.</p></main>", "<p> 4 is All of it is true., not "),
    ],
)
def test_texts_styles_scripts_and_drawings_are_compared_too(
    report: str, tmp_path: Path, before: str, after: str, found: str
) -> None:
    assert before in report
    lines = told(audit_of(report.replace(before, after, 1), tmp_path))
    assert any(found in line for line in lines), lines


def test_a_changed_run_contradicts_its_digest_and_the_page(report: str, tmp_path: Path) -> None:
    lines = told(audit_of(with_evidence(report, improve, seal=False), tmp_path))
    assert any(line.startswith("evidence: evidence: digest is ") for line in lines)
    assert any(line.startswith("page: section result") for line in lines)
    sealed = told(audit_of(with_evidence(report, improve, seal=True), tmp_path))
    assert not any(line.startswith("evidence") for line in sealed)
    assert any("row 'quick/nesterov', column 'test median'" not in line for line in sealed)
    assert any(line.startswith("page: section result") for line in sealed)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda g: final_runs(g)[0].update(seed=7), "seed is 7, not 200000"),
        (lambda g: g["studies"][0]["points"][1].update(momentum=0.7), "trial 1: momentum is 0.7"),
        (lambda g: g["studies"][0].update(design="0" * 64), "digest of the design is 0000"),
        (lambda g: [run.update(trial=0) for run in final_runs(g)], "winner is trial 0, not trial"),
        (lambda g: g["document"].update(target=0.5), "digest of the file is "),
    ],
)
def test_what_contradicts_itself_is_named_though_its_digest_fits(
    report: str, tmp_path: Path, change: Callable[[Any], None], found: str
) -> None:
    changed = audit_of(with_evidence(report, change, seal=True), tmp_path)
    assert any(found in line for line in told(changed)), told(changed)


def test_a_page_that_another_version_writes_otherwise_is_told_of(
    report: str, tmp_path: Path
) -> None:
    other = re.sub(
        r'"written_by":\{"shampoo-tune":"[^"]*"', '"written_by":{"shampoo-tune":"9"', report
    )
    assert audit_of(other, tmp_path).remarks == ()  # it writes the same page
    other = other.replace("<h1>quick</h1>", "<h1>Group quick</h1>")
    (remark,) = audit_of(other, tmp_path).remarks
    assert "the report was written by another version (9" in remark


def test_what_is_no_report_is_refused(report: str, tmp_path: Path) -> None:
    path = tmp_path / "report.html"

    def refused(content: bytes) -> str:
        path.write_bytes(content)
        with pytest.raises(InvalidInputError) as error, open_report(path):
            pass
        return str(error.value)

    assert "has no data to verify" in refused(b"<html></html>")
    assert "has no data to verify" in refused(report[: report.index('id="evidence"')].encode())
    half = refused(report[: report.index('"document"')].encode())
    assert "has no data to verify" in half or "are no JSON" in half  # by the version of Python
    assert "no UTF-8" in refused(b"\xff\xfe\x00")
    start = '<script type="application/json" id="evidence">'
    assert "data are broken: schema" in refused(f"{start}{{}}</script>".encode())
    assert "NaN is no number" in refused(f"{start}NaN</script>".encode())
    assert "are no JSON" in refused(f"{start}{'[' * 100_000}</script>".encode())
    unknown = report.replace('"name":"mlp_digits"', '"name":"nobodys"')
    assert "the workload 'nobodys' is not installed here" in refused(unknown.encode())
    package = ',"package":{"name":"no-package","version":"1.2"}}'
    told = report.replace('"arguments":{"name":"mlp_digits","batch_size":128}', '"arguments":{}')
    told = told.replace('"arguments":{}}', f'"arguments":{{}}{package}', 1)
    told = told.replace('"name":"mlp_digits"', '"name":"nobodys"')
    assert "'nobodys' of the package no-package 1.2 is not installed" in refused(told.encode())
    with pytest.raises(NotFoundError, match="there is no file"), open_report(tmp_path / "a.html"):
        pass
