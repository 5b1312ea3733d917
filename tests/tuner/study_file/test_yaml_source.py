"""The reader: YAML 1.2's scalars, the places of keys and values, and what it refuses."""

import math
import time

import pytest

from shampoo_tune.tuner.study_file.file_errors import StudyFileError
from shampoo_tune.tuner.study_file.yaml_source import MAX_BYTES, decode, read_value, read_yaml

# Texts on which YAML 1.1 and 1.2 differ, and those where a hasty 1.2 goes wrong.
RESOLVED = [
    ("1e-5", 1e-5), ("1e5", 1e5), ("1E+5", 1e5), ("-.5", -0.5), ("1.", 1.0), ("+1.5e3", 1500.0),
    ("010", 10), ("0o10", 8), ("0x1F", 31), ("-7", -7), ("+7", 7), ("0b11", "0b11"),
    ("1_000", "1_000"), ("12:30:45", "12:30:45"), ("2024-01-01", "2024-01-01"),
    ("on", "on"), ("yes", "yes"), ("no", "no"), ("y", "y"), ("off", "off"), ("tRue", "tRue"),
    ("true", True), ("False", False), ("TRUE", True), ("~", None), ("null", None), ("", None),
    ("Null", None), ("nULL", "nULL"), (".inf", math.inf), ("-.INF", -math.inf), ("inf", "inf"),
    ("nan", "nan"), ("1e", "1e"), ("e5", "e5"), (".", "."), ("-", [None]), ("=", "="), ("<<", "<<"),
    ("'1e-5'", "1e-5"), ('"true"', "true"), ("'~'", "~"), ("9223372036854775807", 2**63 - 1),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), RESOLVED)
def test_scalars_resolve_by_the_core_schema(text: str, value: object) -> None:
    data = read_value(text, "x").data
    assert data == value
    assert type(data) is type(value)


def test_nan_is_a_float() -> None:
    assert math.isnan(read_value(".NaN", "x").data)


def test_every_key_and_value_has_its_place() -> None:
    source = read_yaml("# c\na: {b: [1, 22]}\nc:\n  d: x\n", "f")
    assert source.data == {"a": {"b": [1, 22]}, "c": {"d": "x"}}
    places = {path: (p.line, p.column) for path, p in source.values.items()}
    assert places == {
        (): (2, 1), ("a",): (2, 4), ("a", "b"): (2, 8), ("a", "b", 0): (2, 9),
        ("a", "b", 1): (2, 12), ("c",): (4, 3), ("c", "d"): (4, 6),
    }  # fmt: skip
    keys = {path: (p.line, p.column) for path, p in source.keys.items()}
    assert keys == {("a",): (2, 1), ("a", "b"): (2, 5), ("c",): (3, 1), ("c", "d"): (4, 3)}


def test_a_path_that_is_not_there_is_placed_at_its_nearest_ancestor() -> None:
    source = read_yaml("a: {b: 1}\n", "f")
    assert source.value_position(("a", "x", "y")) == source.values["a",]
    assert source.key_position(("x",)) == source.values[()]


def test_the_first_of_duplicate_keys_counts_and_each_further_one_is_an_error() -> None:
    source = read_yaml("a: 1\nb: 2\na: 3\na: {a: 4}\n", "f")
    assert source.data == {"a": 1, "b": 2}
    assert [str(error) for error in source.errors] == [
        "f:3:1: error: a: duplicate key (first at line 1)",
        "f:4:1: error: a: duplicate key (first at line 1)",
    ]


@pytest.mark.parametrize("number", ["9" * 5000, "9223372036854775808", "0x" + "f" * 40])
def test_a_number_that_no_database_can_hold_is_an_error(number: str) -> None:
    assert "64 bits" in read_yaml(f"a: {number}\n", "f").errors[0].rule


@pytest.mark.parametrize("text", ['"\\ud800"', '"a\\0b"'])
def test_a_text_that_no_database_can_hold_is_an_error(text: str) -> None:
    assert "Unicode" in read_yaml(f"a: {text}\n", "f").errors[0].rule


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    levels = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 30)]
    with pytest.raises(StudyFileError, match="aliases are not supported"):
        read_yaml("a0: &a0 [x]\n" + "\n".join(levels), "f")


def test_deep_nesting_is_refused_before_it_is_read() -> None:
    start = time.perf_counter()
    with pytest.raises(StudyFileError, match="nested deeper"):
        read_yaml("a: " + "[" * 500_000, "f")
    assert time.perf_counter() - start < 5


def test_a_file_that_is_too_large_is_refused() -> None:
    assert decode(b"a" * MAX_BYTES, "f") == "a" * MAX_BYTES
    with pytest.raises(StudyFileError, match="larger than 1048576 bytes"):
        decode(b"a" * (MAX_BYTES + 1), "f")


def test_a_byte_order_mark_moves_no_column() -> None:
    with pytest.raises(StudyFileError) as caught:
        decode(b"\xef\xbb\xbfa: 1\nb: \xff", "f")
    assert (caught.value.errors[0].line, caught.value.errors[0].column) == (2, 4)
    assert decode(b"\xef\xbb\xbfa: 1", "f") == "a: 1"


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\x85", "\u2028"])
def test_the_caret_stands_below_the_error_after_any_line_break(line_break: str) -> None:
    with pytest.raises(StudyFileError) as caught:
        read_yaml(f"a: 1{line_break}b: c: d{line_break}", "f")
    lines = str(caught.value).split("\n")
    assert lines[0].startswith("f:2:5: error: ")
    assert lines[1:] == ["    b: c: d", "        ^"]


def test_the_caret_keeps_tabs_and_long_lines_are_cut() -> None:
    with pytest.raises(StudyFileError) as caught:
        read_yaml("'a\tb': c: d\n", "f")
    assert str(caught.value).split("\n")[1:] == ["    'a\tb': c: d", "      \t     ^"]
    with pytest.raises(StudyFileError) as caught:
        read_yaml(f"a: '{'x' * 5000}': c\n", "f")
    shown, caret = str(caught.value).split("\n")[1:]
    assert len(shown) < 200
    assert shown[caret.index("^")] == ":"
