"""Whatever stands in a file: it loads, or the error says where, and nothing else happens."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.study_file.document import digest, render_yaml
from shampoo_tune.tuner.study_file.file_errors import LINE_BREAK, StudyFileError
from shampoo_tune.tuner.study_file.loading import load_study_file, parse_study_file
from shampoo_tune.workloads import WORKLOADS

SHIPPED = sorted((Path(__file__).parents[3] / "search_spaces").glob("*.yaml"))
# What means something in YAML, numbers at the ends of their kinds, and values of other options.
SCRAPS = st.sampled_from(
    ["- ", ": ", "? ", "[", "]", "{", "}", ", ", "#", "&a ", "*a", "<<: ", "!!int ",
     "!!python/none ", "|\n", ">\n", "'", '"', "---\n", "...\n", "\n", "  ", "\t", "\\U00110000",
     "@", "`", "null", "true", "on", "010", "0x", "1e9999", "-1e-320", ".nan", "-.inf", "9" * 30,
     "1e400", "2026-99-99", "min", "max", "scale", "log", "one_minus_log", "values", "when",
     "enqueue", "optimizer", "shared", "budget", "steps", "metric", "search", "sampler", "parent",
     "name", "tpe"]
)  # fmt: skip
TEXTS = st.lists(SCRAPS | st.text(max_size=4), max_size=25).map("".join)


@st.composite
def mutated(draw: Any) -> str:
    """A shipped file with a part replaced, or with two of its lines swapped."""
    text = draw(st.sampled_from(SHIPPED)).read_text()
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 40)))
    return f"{text[:start]}{draw(TEXTS)}{text[end:]}"


@st.composite
def with_another_value(draw: Any) -> str:
    """A shipped file of which one word is another word or number."""
    words = draw(st.sampled_from(SHIPPED)).read_text().split(" ")
    place = draw(st.integers(0, len(words) - 1))
    return " ".join([*words[:place], draw(SCRAPS | st.floats().map(repr)), *words[place + 1 :]])


@settings(max_examples=300, deadline=None)
@given(TEXTS | mutated() | with_another_value())
def test_any_text_loads_and_is_written_to_the_same_study_or_says_where_it_is_wrong(
    text: str,
) -> None:
    try:
        study = parse_study_file(text, "f.yaml", [], WORKLOADS).study
    except StudyFileError as error:
        check_places(error, text)
        return
    again = parse_study_file(render_yaml(study), "f.yaml", [], WORKLOADS).study
    assert digest(again) == digest(study)


@settings(deadline=None)
@given(TEXTS, st.sampled_from(["", "budget.", "optimizers.", "workload", "search.sampler"]))
def test_any_override_is_taken_or_refused(text: str, key: str) -> None:
    with contextlib.suppress(InvalidInputError):
        parse_study_file(SHIPPED[0].read_text(), "f.yaml", [f"{key}{text}"], WORKLOADS)


@settings(max_examples=100)
@given(st.binary(max_size=80))
def test_any_bytes_are_a_study_or_invalid(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)
    with pytest.raises(InvalidInputError):
        load_study_file(path, [], WORKLOADS)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile") / "study.yaml"


def check_places(error: StudyFileError, text: str) -> None:
    """Every error says a rule, and lies in the file, at most at its end."""
    lines = LINE_BREAK.split(text)
    assert error.errors
    for found in error.errors:
        assert found.rule
        assert 1 <= found.line <= len(lines)
        assert 1 <= found.column <= len(lines[found.line - 1]) + 1
