"""Study files: what is refused and where, what is filled in, and that writing reads back."""

import dataclasses
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.study import Budget, Goal, Objective
from shampoo_tune.tuner.configuration import Schedule
from shampoo_tune.tuner.parameters import Choice, Fixed, Parameter, Range
from shampoo_tune.tuner.study_file.file_errors import LINE_BREAK, StudyFileError
from shampoo_tune.tuner.study_file.loading import (
    LoadedStudyFile,
    Study,
    load_study_file,
    parse_study_file,
)
from tests.tuner.study_file.minimal import KNOWN, MINIMAL

BAD_FILES = sorted(Path(__file__).parent.joinpath("bad_files").glob("*.yaml"))


def parse(text: str, *overrides: str) -> LoadedStudyFile:
    return parse_study_file(text, "f.yaml", overrides, KNOWN)


def study(text: str = MINIMAL, *overrides: str) -> Study:
    return parse(text, *overrides).study


def errors(text: str, *overrides: str) -> list[str]:
    with pytest.raises(StudyFileError) as caught:
        parse(text, *overrides)
    return [str(error) for error in caught.value.errors]


@pytest.mark.parametrize("path", BAD_FILES, ids=lambda path: path.stem)
def test_every_mistake_is_reported_once_at_its_line_and_column(path: Path) -> None:
    """The file beside it lists `line:column: path: rule (hint)`, all of them, in order."""
    with pytest.raises(StudyFileError) as caught:
        load_study_file(path, [], KNOWN)
    reported = [str(e).removeprefix(f"{path}:") for e in caught.value.errors]
    expected = path.with_suffix(".txt").read_text().splitlines()
    assert [line.replace(": error: ", ": ", 1) for line in reported] == expected


@pytest.mark.parametrize("path", BAD_FILES, ids=lambda path: path.stem)
def test_errors_are_sorted_json_and_point_at_what_they_name(path: Path) -> None:
    with pytest.raises(StudyFileError) as caught:
        load_study_file(path, [], KNOWN)
    found = caught.value.errors
    assert found == sorted(found, key=lambda e: (e.line, e.column))
    json.dumps([dataclasses.asdict(error) for error in found], allow_nan=False)
    lines = LINE_BREAK.split(path.read_bytes().decode("latin1"))
    for error in found:
        here = lines[error.line - 1][error.column - 1 :]
        if error.rule.startswith(("unknown key", "duplicate key")):
            assert here.startswith(error.path.rsplit(".", 1)[-1])
        elif isinstance(error.value, str) and "got" in error.rule:
            assert here.lstrip("'.").startswith(error.value)


def test_the_text_of_the_error_shows_the_line_and_a_caret() -> None:
    with pytest.raises(StudyFileError) as caught:
        parse(MINIMAL.replace("max: 3", "mx: 3"))
    assert str(caught.value).split("\n")[3:] == [
        "f.yaml:7:32: error: optimizers.shampoo.learning_rate.mx: unknown key 'mx'"
        " (did you mean 'max'?)",
        "        learning_rate: {min: 1e-2, mx: 3, scale: log}",
        "                                   ^",
    ]
    assert isinstance(caught.value, InvalidInputError)
    assert caught.value.exit_code == 2


def test_a_file_that_cannot_be_opened_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="No such file"):
        load_study_file(tmp_path / "none.yaml", [], KNOWN)


def test_twelve_lines_suffice_and_the_rest_are_defaults() -> None:
    loaded = study()
    assert loaded.workload.model_dump() == {"name": "resnet_digits", "batch_size": 128, "args": {}}
    assert (loaded.metric.name, loaded.metric.goal) == ("valid_accuracy", Goal.MAXIMIZE)
    assert (loaded.metric.objective, loaded.target) == (Objective.FINAL, 0.97)
    assert loaded.budget == Budget(40, 20, 3, 5, 50, 5, 1)
    assert (loaded.search.sampler, loaded.search.seed) == ("halton", 0)
    assert loaded.schedule == Schedule(warmup_fraction=0.0, decay_power=2.0)
    assert loaded.label_smoothing == 0.0
    assert loaded.arm("shampoo").space.parameters == (
        Parameter("learning_rate", Range(0.01, 3.0, "log")),
        Parameter("exponent_override", Choice((0.0, 4.0))),
        Parameter("beta2", Range(0.5, 0.999, "one_minus_log"), (("exponent_override", 4.0),)),
        Parameter("block_size", Fixed(64)),
    )


def test_a_round_has_a_parent_and_numbers_its_replicates_after_it() -> None:
    assert study().parent is None
    assert study(MINIMAL, "budget.studies=3").replicates == range(3)
    parent = f"parent={{group: first, digest: {'ab' * 32}, replicates: 2}}"
    second = study(MINIMAL, parent, "budget.studies=3")
    assert second.parent is not None
    assert (second.parent.group, second.parent.digest) == ("first", "ab" * 32)
    assert second.replicates == range(2, 5)
    assert study(MINIMAL, parent.replace(", replicates: 2", "")).replicates == range(1, 2)


def test_the_target_is_the_workloads_only_for_its_own_metric() -> None:
    assert study(MINIMAL, "target=null").target is None
    other = study(MINIMAL, "metric.name=valid_loss")
    assert (other.target, other.metric.goal) == (None, Goal.MINIMIZE)
    assert study(MINIMAL, "metric.name=valid_loss", "target=1").target == 1.0


def test_a_whole_number_may_be_written_as_a_float() -> None:
    assert study(MINIMAL, "budget.steps=1e3").budget.steps == 1000


def test_a_range_of_an_int_option_is_whole_and_of_a_float_option_if_it_says_so() -> None:
    text = MINIMAL + "    start_preconditioning_step: {min: 1, max: 200, scale: log}\n"
    text += "    weight_decay: {min: 1, max: 8.0, type: int}\n"
    parameters = study(text).arms[0].space.parameters
    assert parameters[-2].domain == Range(1, 200, "log", whole=True)
    assert parameters[-1].domain == Range(1, 8, whole=True)


def test_a_second_arm_may_use_the_same_optimizer() -> None:
    text = MINIMAL + "  noexp: {optimizer: shampoo, learning_rate: 1, graft_type: RMSprop}\n"
    arm = study(text).arm("noexp")
    assert arm.optimizer == "shampoo"
    assert arm.space.point([]) == {"learning_rate": 1.0, "graft_type": "rmsprop"}


def test_shared_parameters_join_every_arm_that_does_not_set_them() -> None:
    text = MINIMAL + "    decay_power: 3\n  lars: {learning_rate: 1}\n"
    text += "shared: {decay_power: {min: 1, max: 2}, label_smoothing: 0.1}\n"
    loaded = study(text)
    assert loaded.label_smoothing == 0.1
    assert loaded.arm("shampoo").space.parameters[-1] == Parameter("decay_power", Fixed(3.0))
    assert loaded.arm("lars").space.parameters[-1] == Parameter("decay_power", Range(1.0, 2.0))


def test_enqueued_points_are_kept_in_natural_units() -> None:
    text = MINIMAL + "    enqueue: [{exponent_override: 4, learning_rate: 5, beta2: 0}]\n"
    assert study(text).arms[0].enqueue == (
        {"learning_rate": 5.0, "exponent_override": 4.0, "beta2": 0.0},
    )


@pytest.mark.parametrize(
    ("override", "warning"),
    [
        ("budget.trials=14", "optimizers.shampoo: 14 trials for 3 dimensions; 15 or more"),
        ("budget.trials=2", "budget.finalists: 3 finalists of 2 trials; 2 will be run"),
        ("budget.steps=4", "budget.eval_every: 5 is more than 4 steps"),
        (
            "optimizers.shampoo.exponent_override.values=[0, 2, 4, 6, 8]",
            "optimizers.shampoo.exponent_override: 20 trials for 5 values; 25 or more",
        ),
        (
            "optimizers.shampoo.learning_rate.min=1.6",
            "optimizers.shampoo.learning_rate: a log range narrower than a factor of 2",
        ),
        (
            "optimizers.shampoo.beta2.min=0.9985",
            "optimizers.shampoo.beta2: a one_minus_log range narrower than a factor of 2",
        ),
    ],
)
def test_what_is_probably_not_meant_is_a_warning(override: str, warning: str) -> None:
    assert parse(MINIMAL).warnings == []
    assert any(found.startswith(warning) for found in parse(MINIMAL, override).warnings)


def test_there_are_never_more_finalists_than_trials() -> None:
    assert study(MINIMAL, "budget.trials=2").budget.finalists == 2


def test_a_file_is_checked_in_less_than_50_ms() -> None:
    start = time.perf_counter()
    for _ in range(5):
        parse(MINIMAL)
    assert (time.perf_counter() - start) / 5 < 0.05


def test_reading_a_study_file_imports_no_numerical_library() -> None:
    code = (
        "import sys, shampoo_tune.tuner.study_file;"
        "heavy = {'jax', 'optax', 'flax', 'pandas', 'scipy', 'numpy'};"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert result.stdout.strip() == "[]"


def test_a_metric_of_the_test_split_is_never_suggested() -> None:
    (told,) = errors(MINIMAL + "metric: {name: accuracy}\n")
    assert "did you mean 'valid_accuracy'?" in told
