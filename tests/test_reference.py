"""Pages that are made from the code say what the code says now; links lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.reference.pages import PAGES
from shampoo_tune.cli import cli

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
TEXTS = sorted(
    path
    for folder in (
        ROOT,
        DOCS,
        ROOT / "examples" / "own_program",
        ROOT / "examples" / "own_workload",
    )
    for path in folder.glob("*.md")
)
LINK = re.compile(r"\]\(([^()\s]+)\)")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_code_says(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "python -m scripts.reference writes it anew"


def prose(path: Path) -> str:
    """A text without its blocks of code."""
    return re.sub(r"^```.*?^```$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(path: Path) -> Iterator[str]:
    """What headings are called in an address, as the repository's host makes it."""
    for heading in re.findall(r"^#+ (.+)$", prose(path), re.MULTILINE):
        kept = re.sub(r"[^\w\- ]", "", LINK.sub("]", heading).lower())
        yield kept.strip().replace(" ", "-")


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    for link in LINK.findall(prose(path)):
        address, _, anchor = link.partition("#")
        if "://" in address:
            assert address.startswith("https://")
            continue
        target = (path.parent / address).resolve() if address else path
        assert target.exists(), link
        assert not anchor or anchor in set(anchors(target)), link


def test_the_index_names_every_page() -> None:
    index = (DOCS / "README.md").read_text()
    for page in DOCS.glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in index, page.name


def test_every_option_has_its_help() -> None:
    page = (DOCS / "cli.md").read_text()
    assert all(f"\n## {name}" in page for name in cli.commands)
    assert " |  |\n" not in page.replace("| option |  |\n", "")
