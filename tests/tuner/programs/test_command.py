"""Templates of commands: what stands for a placeholder, and which templates are refused."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.optimizer.config import OPTIMIZERS, Configuration
from shampoo_tune.tuner.messages import Job
from shampoo_tune.tuner.programs.command import Command, known_placeholders, values_of
from shampoo_tune.tuner.programs.rules import check_command
from shampoo_tune.tuner.study_file.loading import parse_study_file
from shampoo_tune.tuner.study_file.model import Study
from shampoo_tune.tuner.submission import new_trial
from shampoo_tune.workloads.known import KNOWN_WORKLOADS

FILE = """\
version: 1
name: own
workload: {name: program}
metric: {name: valid_f1, goal: maximize}
budget: {steps: 20, trials: 5, seeds: 3}
optimizers:
  nesterov:
    learning_rate: {min: 0.1, max: 1, scale: log}
"""
MORE = "    warmup_fraction: {min: 0, max: 0.5}\n  adamw:\n    learning_rate: 0.1\n"
MORE += "    beta1: {min: 0.5, max: 0.9}\n"
ENOUGH = ("true", "{learning_rate}", "{seed}")


def study(text: str = FILE, *overrides: str) -> Study:
    return parse_study_file(text, "own.yaml", overrides, KNOWN_WORKLOADS).study


def job(optimizer: str = "nesterov") -> Job:
    arm = replace(study().arms[0], optimizer=optimizer)
    made = new_trial(study(), arm, 0, {"learning_rate": 0.1 + 0.2})
    workload = {"name": "program", "batch_size": 64, "metric": "valid_f1"}
    return Job(1, workload, dict(made.configuration), 7, 20, 5, trial=3)


def refused(command: Command | None, text: str = FILE, *overrides: str) -> list[str]:
    with pytest.raises(InvalidInputError) as caught:
        check_command(study(text, *overrides), command)
    return str(caught.value).splitlines()


def test_numbers_are_exact_and_texts_stand_as_they_are() -> None:
    command = Command(("x", "--lr={learning_rate}", "{seed}/{trial}", "{nothing here}", '{"a": 1}'))
    assert command.placeholders == ["learning_rate", "seed", "trial"]
    assert command.of(job()) == ["x", f"--lr={0.1 + 0.2!r}", "7/3", "{nothing here}", '{"a": 1}']
    assert Command(("{batch_size}", "{optimizer}")).of(job()) == ["64", "nesterov"]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_known_placeholder_has_a_value_for_every_optimizer(optimizer: str) -> None:
    values = values_of(job(optimizer))
    assert set(values) == set(known_placeholders(optimizer))
    told = json.loads(values["hyperparameters"])
    configuration = Configuration.from_json(job(optimizer).configuration)
    assert told.pop("learning_rate") == configuration.schedule.learning_rate
    assert told == vars(configuration.options)
    assert values["steps"] == "20"


@given(st.lists(st.text(), min_size=1), st.lists(st.text(), min_size=1))
def test_the_digest_tells_commands_apart(one: list[str], other: list[str]) -> None:
    same = Command(tuple(one)).digest == Command(tuple(other)).digest
    assert same == (one == other)


@given(st.lists(st.text(alphabet="ab {}\"'$`;|")))
def test_no_text_is_changed_but_the_placeholders(argv: list[str]) -> None:
    command = Command(tuple(argv))
    if not command.placeholders:
        assert command.of(job()) == argv


def test_a_command_that_takes_what_is_tuned_is_taken() -> None:
    check_command(study(), Command(ENOUGH))
    all_of_it = ("true", "{hyperparameters}", "{schedule}", "{seed}")
    check_command(study(FILE + MORE), Command(all_of_it))


def test_all_that_is_wrong_with_a_command_is_told() -> None:
    told = refused(Command(("no-such-program", "{lr}", "{}")), FILE + MORE)
    assert told[0].startswith("there is no program 'no-such-program'")
    assert told[1].startswith("unknown placeholder {lr} for the arm nesterov (known: learning_rate")
    assert "momentum, " in told[1]
    assert told[2].startswith("unknown placeholder {} for the arm nesterov")
    assert told[3:5] == [
        "the arm nesterov tunes learning_rate, which the command does not take:"
        " add {learning_rate}",
        "the arm nesterov tunes warmup_fraction, which the command does not take:"
        " add {warmup_steps}",
    ]
    assert told[-1].endswith("tunes beta1, which the command does not take: add {beta1}")


def test_what_one_arm_lacks_is_unknown_there() -> None:
    told = refused(Command((*ENOUGH, "{beta1}", "{warmup_steps}")), FILE + MORE)
    assert len(told) == 1
    assert told[0].startswith("unknown placeholder {beta1} for the arm nesterov")


def test_seeds_must_reach_the_program() -> None:
    assert "no {seed}" in refused(Command(("true", "{learning_rate}")))[0]
    assert "--exec needs a command" in refused(Command(()))[0]


def test_the_workload_and_the_command_belong_together() -> None:
    assert refused(None) == [
        "workload 'program' needs a command: launch FILE --exec -- COMMAND ..."
    ]
    ours = ("workload.name=mlp_digits", "metric.name=valid_loss", "metric.goal=minimize")
    assert "this one has 'mlp_digits'" in refused(Command(ENOUGH), FILE, *ours)[0]
    check_command(study(FILE, *ours), None)
