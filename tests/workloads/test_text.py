"""Texts: always the same splits, and a clear word about files that cannot be used."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads.text import PYDOC_TOPICS, load_text, split


def test_pythons_own_documentation_is_a_text() -> None:
    text = load_text(PYDOC_TOPICS, 64)
    assert len(text) > 300_000
    assert 80 < len(set(text)) < 300
    assert "assert" in text


@given(st.text(max_size=300))
def test_splits_are_the_text_in_order(text: str) -> None:
    parts = split(text)
    assert list(parts) == ["train", "valid", "test"]
    assert "".join(parts.values()) == text


def test_splits_are_90_5_and_5_percent() -> None:
    assert [len(part) for part in split("a" * 1000).values()] == [900, 50, 50]


def test_a_file_is_read_to_the_character(tmp_path: Path) -> None:
    text = "Grüße, мир 🌍\r\n" * 100
    path = tmp_path / "text.txt"
    path.write_bytes(text.encode())
    assert load_text(str(path), 32) == text


@pytest.mark.parametrize(
    ("content", "context", "error"),
    [
        (None, 1, "cannot read PATH: No such file or directory; give the path of a text or pydoc"),
        (b"", 1, "PATH is empty; give a text"),
        (b"abc\xff", 1, "PATH is not UTF-8: byte 3 is 0xff; convert it first"),
        (b"a" * 100, 5, "PATH is too short: its smallest split has 5 of 100 characters, and a"),
        (b"a" * 3, 1, "PATH is too short: its smallest split has 0 of 3 characters, and a"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_input_error(
    tmp_path: Path, content: bytes | None, context: int, error: str
) -> None:
    path = tmp_path / "text.txt"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InvalidInputError) as caught:
        load_text(str(path), context)
    assert str(caught.value).startswith(error.replace("PATH", str(path)))


def test_a_folder_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="Is a directory"):
        load_text(str(tmp_path), 1)


def test_the_shortest_text_of_a_context_has_twenty_times_one_character_more(
    tmp_path: Path,
) -> None:
    path = tmp_path / "text.txt"
    path.write_text("a" * 180)
    assert len(load_text(str(path), 8)) == 180
    with pytest.raises(InvalidInputError, match="a context of 9 needs 10"):
        load_text(str(path), 9)
