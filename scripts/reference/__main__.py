"""Writes the pages; `tests/test_reference.py` compares them."""

from pathlib import Path

from scripts.reference.pages import PAGES

DOCS = Path(__file__).parents[2] / "docs"

for name, make in PAGES.items():
    (DOCS / name).write_text(make(), encoding="utf-8")
    print(f"wrote docs/{name}")
