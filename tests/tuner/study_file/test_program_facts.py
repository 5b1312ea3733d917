"""A file whose workload is a program says itself what is measured."""

import pytest

from shampoo_tune.study import Goal
from shampoo_tune.tuner.study_file.file_errors import StudyFileError
from shampoo_tune.tuner.study_file.loading import parse_study_file
from shampoo_tune.tuner.study_file.model import Study
from shampoo_tune.workloads.known import KNOWN_WORKLOADS

FILE = """\
version: 1
name: own
workload: {name: program}
metric: {name: valid_accuracy}
budget: {steps: 20, trials: 5}
optimizers: {nesterov: {learning_rate: 0.1}}
"""


def study(*overrides: str) -> Study:
    return parse_study_file(FILE, "own.yaml", overrides, KNOWN_WORKLOADS).study


def errors(*overrides: str) -> list[str]:
    with pytest.raises(StudyFileError) as caught:
        study(*overrides)
    return [f"{e.path}: {e.rule}" + (f" ({e.hint})" if e.hint else "") for e in caught.value.errors]


def test_the_name_of_a_metric_tells_its_goal() -> None:
    assert (study().metric.goal, study().target) == (Goal.MAXIMIZE, None)
    assert study("metric={name: valid_loss}").metric.goal is Goal.MINIMIZE
    assert study("metric={name: f1, goal: maximize}").metric.goal is Goal.MAXIMIZE
    assert study("metric={name: bits, goal: minimize}", "target=1.5").target == 1.5
    assert study().workload.batch_size == 1


def test_what_the_name_does_not_tell_the_file_must() -> None:
    assert errors("metric={name: f1}") == ["metric.goal: missing key 'goal' (maximize or minimize)"]
    missing = "metric.name: missing key 'name' (the metric that the program prints)"
    assert errors("metric={}") == [missing]
    assert errors("metric={name: valid_loss, goal: maximize}") == [
        "metric.goal: valid_loss is a metric to minimize (write minimize)"
    ]
    assert errors("metric={name: f1, goal: up}") != []
    assert errors("metric={name: test_loss}") == [
        "metric.name: the test split is never used to select"
        " (choose a validation metric such as valid_loss)"
    ]
    assert errors("workload.args={depth: 2}") != []
