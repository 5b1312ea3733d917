"""`report` as a user meets it."""

from pathlib import Path

import pytest

from tests.conftest import Run
from tests.tuner.conftest import Laboratory, quick_study
from tests.tuner.pretending import PretendedLaboratory


@pytest.fixture
def finished(tmp_path: Path) -> list[str]:
    """Options of a database with the group `quick`."""
    laboratory = PretendedLaboratory(tmp_path)
    laboratory.run(quick_study(), lambda point, seed: 0.5 + seed % 7 / 100)
    laboratory.close()
    return ["--db", f"sqlite:///{tmp_path / 'study.db'}"]


def test_the_format_is_that_of_the_ending_unless_it_is_given(
    shampoo_tune: Run, tmp_path: Path, finished: list[str]
) -> None:
    written = shampoo_tune("report", "quick", "-o", "a.html", *finished)
    assert written.stdout == ""
    assert written.stderr.startswith("wrote a.html: quick/nesterov: median valid_accuracy")
    assert (tmp_path / "a.html").read_text().startswith("<!doctype html>")
    shampoo_tune("report", "quick", "-o", "a.MD", *finished)
    assert (tmp_path / "a.MD").read_text().startswith("# quick\n")
    shampoo_tune("report", "quick", "-o", "page", "--format", "html", *finished)
    assert (tmp_path / "page").read_bytes() == (tmp_path / "a.html").read_bytes()
    assert "a.txt ends in none of .html, .htm, .md, .markdown" in (
        shampoo_tune("report", "quick", "-o", "a.txt", *finished, code=2).stderr
    )


def test_an_unknown_group_ends_with_4_and_writes_nothing(
    shampoo_tune: Run, tmp_path: Path, finished: list[str]
) -> None:
    error = shampoo_tune("report", "slow", "-o", "a.html", *finished, code=4).stderr
    assert "no group 'slow' (there is quick)" in error
    shampoo_tune("report", "quick", "-o", "a.html", code=4)  # no database here
    assert not (tmp_path / "a.html").exists()


def test_a_file_that_cannot_be_written_ends_with_2(
    shampoo_tune: Run, tmp_path: Path, finished: list[str]
) -> None:
    error = shampoo_tune("report", "quick", "-o", "none/a.html", *finished, code=2).stderr
    assert "cannot write none/a.html: No such file or directory" in error
    (tmp_path / "folder.html").mkdir()
    error = shampoo_tune("report", "quick", "-o", "folder.html", *finished, code=2).stderr
    assert "cannot write folder.html: Is a directory" in error
    assert "Missing option '-o'" in shampoo_tune("report", "quick", *finished, code=2).stderr


def test_a_group_that_has_not_begun_has_a_report(
    shampoo_tune: Run, tmp_path: Path, laboratory: Laboratory
) -> None:
    laboratory.submit(quick_study())
    shampoo_tune("report", "quick", "-o", "a.html", "--db", laboratory.url)
    assert "No verdict yet: quick/nesterov is queued." in (tmp_path / "a.html").read_text()
