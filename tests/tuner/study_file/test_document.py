"""The digest, and that any study written as YAML is read back as an equal one."""

import contextlib
import json
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shampoo_tune.tuner.study_file.file_errors import StudyFileError
from shampoo_tune.tuner.study_file.loading import (
    Study,
    digest,
    parse_study_file,
    render_yaml,
    to_document,
)
from shampoo_tune.yaml_core import CoreDumper
from tests.tuner.study_file.minimal import KNOWN, MINIMAL

PARENT = f"parent={{group: first, digest: {'ab' * 32}, replicates: 2}}"


def study(text: str = MINIMAL, *overrides: str) -> Study:
    return parse_study_file(text, "f.yaml", overrides, KNOWN).study


def test_the_digest_is_blind_to_comments_spelling_and_the_order_of_keys() -> None:
    shuffled = """\
# a comment
optimizers:
  shampoo:
    learning_rate: {scale: log, type: float, max: 3.0, min: 0.01}
    exponent_override: {values: [0.0, 4]}
    beta2: {when: {exponent_override: 4.0}, max: .999, min: 5e-1, scale: one_minus_log}
    block_size: 0x40
budget: {trials: 20, steps: 40}
workload: {batch_size: 128, name: resnet_digits}
name: "resnet"
version: 1
"""
    assert digest(study()) == digest(study(shuffled))
    assert len(digest(study())) == 64


def test_the_digest_of_a_file_is_what_it_was_when_groups_were_stored() -> None:
    """A key that files may lack is absent from the document too, or no group could continue."""
    stored = "dfd5bd235448fccfd4ae8b130a0e2218dfd7bbfc93cdfebe9590b32ff25d55e1"
    assert digest(study()) == stored


def test_the_digest_tells_the_order_of_parameters_apart_as_the_design_does() -> None:
    lines = MINIMAL.splitlines(keepends=True)
    first = next(i for i, line in enumerate(lines) if "learning_rate" in line)
    swapped = [*lines[:first], lines[first + 1], lines[first], *lines[first + 2 :]]
    assert digest(study("".join(swapped))) != digest(study())


@pytest.mark.parametrize(
    "override",
    [
        "name=b", "workload.batch_size=129", "workload.args={a: 1}", "metric.objective=best",
        "target=null", "budget.steps=41", "search.seed=1", "search.sampler=sobol",
        "schedule.end_factor=0.1", "shared={label_smoothing: 0.1}",
        "optimizers.lars.learning_rate=1",
        "optimizers.shampoo.exponent_override.values=[4, 0]",
        "optimizers.shampoo.learning_rate.max=3.0000000000000004",
        "optimizers.shampoo.learning_rate.scale=linear", "optimizers.shampoo.nesterov=false",
        "optimizers.shampoo.beta2.when={exponent_override: 0}", PARENT,
        PARENT.replace("replicates: 2", "replicates: 3"),
    ],
)  # fmt: skip
def test_the_digest_changes_with_everything_that_matters(override: str) -> None:
    assert digest(study(MINIMAL, override)) != digest(study())


def test_the_rendered_file_shows_the_defaults_of_options_left_alone() -> None:
    text = render_yaml(study())
    assert "    learning_rate: {min: 0.01, max: 3.0, scale: log, type: float}\n" in text
    assert "    # graft_type: sgd  (default)\n" in text
    assert "# block_size" not in text


@pytest.mark.parametrize(
    "text",
    [
        "\x85", "a\u2028b", "\u2029", "\n", "a\r\nb", "\t", "\x01", "\x7f", "\ufeff",
        "\xa0", "\U0001f600", "", " a ", "1e5", "010", "on", "~", "12:30", "<<", "#", "- a", "a: b",
        "'", '"', "\\x41", "[", "*a",
    ],
)  # fmt: skip
def test_any_text_in_a_study_survives_being_written(text: str) -> None:
    document = to_document(study())
    document["workload"]["args"] = {"value": text, "list": [text]}
    if text != "<<":
        document["workload"]["args"][text] = "key"
    first = study(yaml.dump(document, Dumper=CoreDumper, sort_keys=False))
    assert first.workload.args == document["workload"]["args"]
    assert study(render_yaml(first)) == first


def plain_values() -> st.SearchStrategy[Any]:
    texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
    scalars = st.none() | st.booleans() | st.integers(-(2**63) + 1, 2**63 - 1) | texts
    numbers = st.floats(allow_nan=False, allow_infinity=False)
    lookalikes = st.sampled_from(["1e5", "010", "on", "~", "null", "12:30", "<<", "=", "- a", "#"])
    keys = texts.filter(lambda key: key != "<<")
    return st.recursive(
        scalars | numbers | lookalikes,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=8,
    )


def number_forms(low: float, high: float) -> st.SearchStrategy[Any]:
    number = st.floats(low, high)
    pairs = st.tuples(number, number).filter(lambda ends: ends[0] != ends[1]).map(sorted)
    ranges = st.tuples(pairs, st.sampled_from(["linear", "log", "one_minus_log"])).map(
        lambda it: {"min": it[0][0], "max": it[0][1], "scale": it[1]}
    )
    choices = st.lists(number, min_size=1, max_size=4, unique=True).map(lambda v: {"values": v})
    return number | ranges | choices


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    arm = {
        "optimizer": "shampoo",
        "nesterov": {"values": [True, False]},
        "learning_rate": draw(number_forms(1e-9, 0.99)),
        "beta1": draw(number_forms(1e-9, 0.99)),
        "graft_type": draw(st.sampled_from(["none", "SGD", "rmsprop"])),
        "merge_small_dims_block_size": draw(st.none() | st.integers(1, 9)),
        "matrix_epsilon": {"min": 1e-9, "max": 1, "when": {"nesterov": draw(st.booleans())}},
        "warmup_fraction": draw(number_forms(1e-9, 0.99)),
    }
    return {
        "version": 1,
        "name": draw(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,20}", fullmatch=True)),
        "workload": {"name": "resnet_digits", "args": {"a": draw(plain_values())}},
        **draw(st.sampled_from([{}, {"parent": {"group": "a/b", "digest": "7" * 64}}])),
        "target": draw(st.none() | st.floats(0, 1)),
        "budget": {"steps": draw(st.integers(1, 10**9)), "trials": draw(st.integers(1, 10**5))},
        "schedule": {"end_factor": draw(st.floats(0, 1))},
        "shared": {"decay_power": draw(number_forms(1e-9, 0.99))},
        "optimizers": {draw(st.sampled_from(["shampoo", "true-1", "1e5", "null", "007"])): arm},
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(documents())
def test_a_rendered_study_loads_as_an_equal_study(document: dict[str, Any]) -> None:
    first = study(yaml.dump(document, Dumper=CoreDumper, sort_keys=False))
    again = study(render_yaml(first))
    assert again == first
    assert digest(again) == digest(first)
    assert to_document(again) == json.loads(json.dumps(to_document(first), allow_nan=False))
    assert [arm.space.dimensions for arm in again.arms] == [a.space.dimensions for a in first.arms]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | plain_values().map(lambda v: yaml.dump(v, Dumper=CoreDumper)))
def test_any_text_is_a_study_or_a_study_file_error(text: str) -> None:
    with pytest.raises(StudyFileError):
        study(text)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(to_document(study()))), plain_values())
def test_any_value_in_any_section_is_accepted_or_a_study_file_error(key: str, value: Any) -> None:
    document = {**to_document(study()), key: value}
    with contextlib.suppress(StudyFileError):
        study(yaml.dump(document, Dumper=CoreDumper, sort_keys=False))
