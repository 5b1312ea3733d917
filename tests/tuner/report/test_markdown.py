"""The Markdown file: the same numbers, and names that stay text."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Connection

from shampoo_tune.tuner.report.document import Document, Section, make_document
from shampoo_tune.tuner.report.markdown import render_markdown
from shampoo_tune.tuner.report.table import Table
from tests.tuner.conftest import quick_study
from tests.tuner.pretending import PretendedLaboratory


def test_every_view_is_a_table(connection: Connection) -> None:
    document = make_document(connection, "quick")
    markdown = render_markdown(document)
    assert markdown.startswith("# quick\n\nMLP (two layers of 128) on scikit-learn's digits")
    assert "\n\n**Configuration only (one study per arm)" in markdown
    for section in document.sections:
        assert f"\n## {section.title}\n" in markdown
        for figure in section.figures:
            assert f"\n### {figure.words.title}\n" in markdown
    assert "<svg" not in markdown
    assert "```yaml\nversion: 1\nname: quick\n" in markdown


def test_every_row_of_a_table_has_as_many_cells_as_its_head(connection: Connection) -> None:
    lines = render_markdown(make_document(connection, "quick")).split("\n")
    for number, line in enumerate(lines):
        if re.fullmatch(r"\|(-+:?\|)+", line):
            columns = line.count("|")
            below = number + 1
            while lines[below].startswith("|"):
                assert len(re.findall(r"(?<!\\)\|", lines[below])) == columns
                below += 1
            assert below > number + 1 or "differs" in lines[number - 1]


@pytest.mark.parametrize("evil", ["a|b", "<script>alert(1)</script>", "*a* _b_ `c` [d](e)"])
def test_names_stay_text(tmp_path: Path, evil: str) -> None:
    laboratory = PretendedLaboratory(tmp_path)
    laboratory.run(quick_study(), lambda point, seed: 0.5, name=evil)
    with laboratory.read() as connection:
        markdown = render_markdown(make_document(connection, evil))
    laboratory.close()
    prose = markdown.partition("```")[0]
    assert "<script" not in prose
    assert not re.search(r"(?<!\\)[*_`\[]" + re.escape(evil[1:5]), prose)
    table = next(line for line in prose.split("\n") if line.startswith("| study "))
    row = prose.split(table)[1].split("\n")[2]
    assert len(re.findall(r"(?<!\\)\|", row)) == table.count("|")


def test_long_tables_are_cut_and_a_fence_is_longer_than_any_inside() -> None:
    table = Table(("n",), tuple((str(n),) for n in range(60)), "many")
    section = Section("s", "S", tables=(table,), source="a: ```\n")
    markdown = render_markdown(Document("g", "t", "completed", "v", None, (), None, (section,)))
    assert "| 49 |" in markdown
    assert "| 50 |" not in markdown
    assert "The first 50 of 60 rows." in markdown
    assert "````yaml\na: ```\n````" in markdown
