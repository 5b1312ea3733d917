"""Files and functions stay as small as a reader can hold in the head."""

import ast
from collections.abc import Iterator
from pathlib import Path

from scripts.reference.pages import PAGES

ROOT = Path(__file__).parent.parent
FOLDERS = ("shampoo_tune", "tests", "benchmarks", "examples", "scripts", "docker", "docs")
WRITTEN = {".py", ".md", ".yaml", ".html", ".css", ".js"}  # by people


def written() -> Iterator[Path]:
    """What people wrote, and not what a program did."""
    for folder in FOLDERS:
        for path in (ROOT / folder).rglob("*"):
            if path.suffix in WRITTEN and path.name not in PAGES and path.is_file():
                yield path


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {path: path.read_bytes().count(b"\n") for path in written()}
    assert len(lengths) > 500
    assert {path: length for path, length in lengths.items() if length > 400} == {}


def lines_of(node: ast.stmt) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Names and lines of all functions, their docstrings left out."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            explained = lines_of(node.body[0]) if ast.get_docstring(node) else 0
            yield node.name, lines_of(node) - explained


def test_no_function_is_longer_than_60_lines_and_its_docstring() -> None:
    long = {
        f"{path}:{name}": length
        for path in written()
        if path.suffix == ".py"
        for name, length in functions(path)
        if length > 60
    }
    assert long == {}
