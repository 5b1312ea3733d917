"""The JSON Schema of study files agrees with the loader."""

import contextlib
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.allowed_values import check_value
from shampoo_tune.optimizer.config import OPTIMIZERS
from shampoo_tune.tuner.configuration import Option, arm_options
from shampoo_tune.tuner.study_file.file_errors import StudyFileError
from shampoo_tune.tuner.study_file.loading import parse_study_file, render_yaml
from shampoo_tune.tuner.study_file.overrides import apply_overrides
from shampoo_tune.tuner.study_file.schema import study_file_schema
from shampoo_tune.tuner.study_file.yaml_source import read_yaml
from shampoo_tune.workloads.known import KNOWN_WORKLOADS
from shampoo_tune.yaml_core import CoreDumper
from tests.conftest import QUICK
from tests.tuner.study_file.minimal import KNOWN, MINIMAL
from tests.tuner.study_file.test_document import documents, number_forms, plain_values

ROOT = Path(__file__).parents[3]
SCHEMA = study_file_schema(KNOWN_WORKLOADS)
VALIDATOR = Draft202012Validator(SCHEMA)
# The workload of `minimal` accepts any argument.
MINIMAL_VALIDATOR = Draft202012Validator(study_file_schema(KNOWN))
OPTIONS = [(arm, option) for arm in OPTIMIZERS for option in arm_options(arm).values()]
PARENT = f"parent={{group: a, digest: {'a' * 64}}}"

fence = re.compile(r"^```yaml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
SHIPPED = {path.name: path.read_text() for path in (ROOT / "search_spaces").glob("*.yaml")}
for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
    SHIPPED |= {f"{page.name} {i}": b for i, b in enumerate(fence.findall(page.read_text()))}


def errors(text: str, *overrides: str, validator: Any = MINIMAL_VALIDATOR) -> list[str]:
    data = apply_overrides(read_yaml(text, "f.yaml"), overrides).data
    return [f"{list(e.absolute_path)}: {e.message}" for e in validator.iter_errors(data)]


def loads(text: str, *overrides: str) -> bool:
    with contextlib.suppress(StudyFileError):
        parse_study_file(text, "f.yaml", overrides, KNOWN)
        return True
    return False


def as_yaml(document: Any) -> str:
    return str(yaml.dump(document, Dumper=CoreDumper, sort_keys=False))


def test_it_is_a_json_schema_of_draft_2020_12() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("text", [*SHIPPED.values(), QUICK], ids=[*SHIPPED, "quick"])
def test_every_shipped_study_file_is_valid_as_written_and_as_validate_prints_it(text: str) -> None:
    assert errors(text, validator=VALIDATOR) == []
    printed = render_yaml(parse_study_file(text, "f.yaml", (), KNOWN_WORKLOADS).study)
    assert errors(printed, validator=VALIDATOR) == []


VALID = [
    "target=null", "budget.steps=1e3", "search.sampler=sobol", "metric.name=valid_loss", PARENT,
    "metric.objective=best", "schedule={name: warmup_polynomial, warmup_fraction: 0.1}",
    "shared={label_smoothing: 0.1, decay_power: {min: 1, max: 2}, end_factor: {values: [0, 1]}}",
    "optimizers.noexp={optimizer: shampoo, learning_rate: 1, graft_type: RMSprop}",
    "optimizers.shampoo.merge_small_dims_block_size={values: [null, 64]}",
    "optimizers.shampoo.start_preconditioning_step={min: 1, max: 200, scale: log, type: int}",
    "optimizers.shampoo.weight_decay={min: 1, max: 8.0, type: int}",
    "optimizers.shampoo.nesterov={values: [true, false], when: {exponent_override: 4}}",
    "optimizers.shampoo.enqueue=[{exponent_override: 4, learning_rate: 5, beta2: 0}]",
    "optimizers={lars: {optimizer: adamw, learning_rate: 1, beta1: 0}}",
    "workload.args={anything: [1, {a: null}]}",
]  # fmt: skip

INVALID = [
    "version=2", "name=a/b", "name=1", "colour=1", "target='1'", "budget=3", "budget.steps=0",
    "budget.trials=100001", "budget.seeds=1.5", "budget={trials: 2}", "search.sampler=random",
    "search.seed=-1", "metric.goal=up", "metric.name=accuracy", "metric.name=test_loss",
    "workload.name=other", "workload={batch_size: 2}", "workload.batch_size=0",
    "schedule.name=cosine", "schedule.warmup_fraction=1", "schedule.warmup_steps=1",
    "schedule.decay_power={min: 1, max: 2}", "shared.beta1=0.9", "shared.label_smoothing=1",
    "shared.label_smoothing={values: [0, 0.1]}",
    "shared.decay_power={min: 1, max: 2, when: {a: 1}}", "parent=null", "parent=resnet",
    "parent={group: a}", "parent={group: a, digest: abc}", f"{PARENT[:-1]}, replicates: 0}}",
    "parent={group: '', digest: " + "a" * 64 + "}", f"{PARENT[:-1]}, study: a}}",
    "optimizers={}", "optimizers={a b: {optimizer: lars, learning_rate: 1}}", "optimizers.lars=1",
    "optimizers.lars={momentum: 0}", "optimizers.sgd={learning_rate: 1}", "optimizers.lars=null",
    "optimizers.lars={optimizer: sgd, learning_rate: 1}",
    "optimizers.lars={optimizer: adamw, learning_rate: 1, momentum: 0.9}",
    "optimizers.shampoo.beta1=1", "optimizers.shampoo.beta1={values: [0.9, 1]}",
    "optimizers.shampoo.momentum=0.9", "optimizers.shampoo.learning_rate=0",
    "optimizers.shampoo.learning_rate={min: 1, max: 2, when: {exponent_override: 4}}",
    "optimizers.shampoo.learning_rate={min: 1}", "optimizers.shampoo.learning_rate=[1, 2]",
    "optimizers.shampoo.learning_rate={min: 1, max: 2, scale: cubic}",
    "optimizers.shampoo.learning_rate={min: 1, max: 2, scale: one_minus_log}",
    "optimizers.shampoo.learning_rate={min: 1, max: 2, step: 1}",
    "optimizers.shampoo.learning_rate={min: 1, max: 2, values: [1]}",
    "optimizers.shampoo.learning_rate={min: 1.5, max: 2, type: int}",
    "optimizers.shampoo.learning_rate=true", "optimizers.shampoo.learning_rate={values: []}",
    "optimizers.shampoo.learning_rate={values: [1, 1.0]}",
    "optimizers.shampoo.weight_decay={min: 0, max: 1, scale: log}",
    "optimizers.shampoo.start_preconditioning_step={min: 1, max: 9, type: float}",
    "optimizers.shampoo.start_preconditioning_step={min: 1, max: 9, scale: one_minus_log}",
    "optimizers.shampoo.start_preconditioning_step=1.5",
    "optimizers.shampoo.block_size={min: 1, max: 2}", "optimizers.shampoo.block_size=null",
    "optimizers.shampoo.nesterov={min: 0, max: 1}", "optimizers.shampoo.nesterov=1",
    "optimizers.shampoo.graft_type=adam", "optimizers.shampoo.graft_type={values: [sgd, none]}",
    "optimizers.shampoo.beta2.when={}", "optimizers.shampoo.beta2.when=4",
    "optimizers.shampoo.enqueue={}", "optimizers.shampoo.enqueue=[{momentum: 1}]",
    "optimizers.shampoo.enqueue=[{learning_rate: {min: 1, max: 2}}]",
]  # fmt: skip


@pytest.mark.parametrize("override", VALID)
def test_what_the_loader_takes_is_valid(override: str) -> None:
    assert loads(MINIMAL, override)
    assert errors(MINIMAL, override) == []


@pytest.mark.parametrize("override", INVALID)
def test_what_the_loader_refuses_is_invalid(override: str) -> None:
    assert not loads(MINIMAL, override)
    assert errors(MINIMAL, override) != []


def test_a_program_must_name_its_metric() -> None:
    named = ["workload={name: program}", "metric={name: f1, goal: maximize}"]
    assert errors(QUICK, *named, validator=VALIDATOR) == []
    assert errors(QUICK, *named[:1], validator=VALIDATOR) != []
    assert errors(QUICK, *named[:1], "metric={goal: maximize}", validator=VALIDATOR) != []


def test_the_arguments_of_a_workload_are_its_own() -> None:
    assert errors(QUICK, "workload.args={}", validator=VALIDATOR) == []
    assert errors(QUICK, "workload.args={depth: 3}", validator=VALIDATOR) != []


def test_every_option_has_a_description_and_its_default() -> None:
    for arm, option in OPTIONS:
        shown = SCHEMA["$defs"][f"{arm}_arm"]["properties"][option.name]
        assert len(shown["description"]) > 8
        if option.name not in ("learning_rate", "merge_small_dims_block_size"):
            assert shown["default"] == option.default


@settings(max_examples=40, deadline=None)
@given(documents())
def test_any_valid_study_is_valid(document: dict[str, Any]) -> None:
    text = as_yaml(document)
    if loads(text):
        assert errors(text) == []


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(read_yaml(MINIMAL, "f").data)), plain_values())
def test_what_is_invalid_in_any_section_does_not_load(key: str, value: Any) -> None:
    text = as_yaml({**read_yaml(MINIMAL, "f").data, key: value})
    if errors(text):
        assert not loads(text)


def scalars(option: Option) -> st.SearchStrategy[Any]:
    allowed = option.metadata["allowed"]
    near = [allowed.low, allowed.high, 0, 1, -1, 0.5, 1.5, 2, 1e9]
    texts = [*allowed.choices, *(c.title() for c in allowed.choices), "other"]
    numbers = st.sampled_from([n for n in near if abs(n) < float("inf")])
    return numbers | st.floats(-2, 2) | st.booleans() | st.none() | st.sampled_from(texts)


@given(st.sampled_from(OPTIONS).flatmap(lambda it: st.tuples(st.just(it), scalars(it[1]))))
def test_a_value_is_valid_exactly_if_the_option_takes_it(
    drawn: tuple[tuple[str, Option], Any],
) -> None:
    (arm, option), value = drawn
    if value is None and option.metadata["allowed"].choices:
        return  # the text `null`, not the absence of a value
    try:
        check_value(option, value)
        taken = True
    except InvalidInputError:
        taken = False
    document = {"optimizers": {arm: {"learning_rate": 1.0, option.name: value}}}
    found = [e for e in VALIDATOR.iter_errors(document) if "optimizers" in e.absolute_path]
    assert (not found) == taken


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(OPTIONS), number_forms(1e-3, 3), st.sampled_from([None, "int", "float"]))
def test_a_form_of_a_parameter_is_valid_exactly_if_it_loads(
    drawn: tuple[str, Option], form: Any, kind: str | None
) -> None:
    arm, option = drawn
    if kind and isinstance(form, dict) and "min" in form:
        form = {**form, "type": kind}
    arms = {"lars": {"learning_rate": 1.0}, arm: {"learning_rate": 1.0, option.name: form}}
    text = as_yaml({**read_yaml(MINIMAL, "f").data, "optimizers": arms})
    assert loads(text) == (errors(text) == [])
