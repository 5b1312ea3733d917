"""`workload` in a study file: the arguments of shipped workloads, checked and filled in."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.study_file.document import to_document
from shampoo_tune.tuner.study_file.file_errors import StudyFileError
from shampoo_tune.tuner.study_file.loading import load_study_file, parse_study_file, render_yaml
from shampoo_tune.tuner.study_file.schema import study_file_schema
from shampoo_tune.tuner.submission import study_of_document
from shampoo_tune.workloads import WORKLOADS

TEXT = """\
version: 1
name: a
workload: {name: transformer_lm, args: {width: 32}}
budget: {steps: 40}
optimizers:
  adamw: {learning_rate: 0.1}
"""


def errors(args: str, *overrides: str, text: str = TEXT) -> list[str]:
    with pytest.raises(StudyFileError) as caught:
        parse_study_file(text.replace("{width: 32}", args), "f.yaml", overrides, WORKLOADS)
    return [str(error) for error in caught.value.errors]


def test_every_argument_is_filled_in_and_printed() -> None:
    study = parse_study_file(TEXT, "f.yaml", (), WORKLOADS).study
    expected = {
        "text": "pydoc_data.topics", "layers": 2, "width": 32, "heads": 2, "context": 64,
    }  # fmt: skip
    assert study.workload.args == expected
    assert yaml.safe_load(render_yaml(study))["workload"]["args"] == expected
    assert (study.workload.batch_size, study.metric.name, study.metric.goal) == (
        16, "valid_loss", "minimize",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ("{widht: 32}", "3:41: error: workload.args.widht: unknown key 'widht' (did you mean"
         " 'width'?)"),
        ("{heads: 5}", "3:48: error: workload.args.heads: must divide the width, 64, got 5 (for"
         " example 4)"),
        ("{layers: two}", "3:49: error: workload.args.layers: must be a whole number >= 1, got"
         " 'two'"),
        ("{layers: '2'}", "3:49: error: workload.args.layers: must be a whole number >= 1, got"
         " '2' (write 2: numbers have no quotes and no underscores)"),
        ("{context: 0}", "3:50: error: workload.args.context: must be a whole number >= 1, got 0"),
        ("{text: null}", "3:47: error: workload.args.text: must be a text that is not empty, got"
         " None"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_reported_at_its_line_and_column(args: str, error: str) -> None:
    assert errors(args) == [f"f.yaml:{error}"]


def test_all_wrong_arguments_are_reported_at_once() -> None:
    assert len(errors("{layers: 0, width: -1, depth: 2}")) == 3


def test_a_file_that_is_named_is_read_with_the_study_file_only(tmp_path: Path) -> None:
    """A stored study outlives the text that it was trained on."""
    path, text = tmp_path / "f.yaml", tmp_path / "text.txt"
    path.write_text(TEXT.replace("{width: 32}", f"{{text: {text}}}"))
    text.write_text("a text " * 1000)
    study = load_study_file(path, (), WORKLOADS).study
    text.unlink()
    with pytest.raises(StudyFileError) as caught:
        load_study_file(path, (), WORKLOADS)
    (error,) = caught.value.errors
    assert (error.line, error.column, error.path) == (3, 47, "workload.args.text")
    assert error.rule.startswith(f"cannot read {text}: No such file")
    document: dict[str, Any] = to_document(study)
    assert study_of_document(document) == study


def test_a_workload_without_labels_has_no_label_smoothing() -> None:
    text = TEXT.replace("transformer_lm", "quadratic") + "shared: {label_smoothing: 0.1}\n"
    assert errors("{}", text=text) == [
        "f.yaml:7:10: error: shared.label_smoothing: the workload has no labels to smooth"
        " (leave it out)"
    ]
    assert errors("{}", "shared.label_smoothing=2", text=text) != []


ARGUMENTS = [
    (workload, name)
    for workload in ("transformer_lm", "quadratic")
    for name in WORKLOADS[workload].arguments or ()
]
VALIDATOR = Draft202012Validator(study_file_schema(WORKLOADS))
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("a0")


@given(st.sampled_from(ARGUMENTS), VALUES | st.sampled_from([1, 2.0, 2**31 - 1, 2**31, [], {}]))
def test_the_schema_takes_the_values_that_the_argument_takes(
    argument: tuple[str, str], value: Any
) -> None:
    workload, name = argument
    arguments = WORKLOADS[workload].arguments
    assert arguments
    try:
        arguments[name].checked(value)
        taken = True
    except InvalidInputError:
        taken = False
    document = {"workload": {"name": workload, "args": {name: value}}}
    found = [e for e in VALIDATOR.iter_errors(document) if "args" in e.absolute_path]
    assert (not found) == taken
