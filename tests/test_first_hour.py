"""The tutorial is what its commands print."""

from pathlib import Path

from scripts.console import masked, with_output

PAGE = Path(__file__).parent.parent / "docs" / "first_hour.md"


def test_every_command_of_the_page_prints_what_it_shows(tmp_path: Path) -> None:
    page = PAGE.read_text()
    assert masked(with_output(page, tmp_path)) == masked(page)
