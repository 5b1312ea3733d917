"""Whether a command can train a study: told before anything starts."""

import shutil
from collections.abc import Iterator

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.configuration import SCHEDULE_OPTIONS
from shampoo_tune.tuner.programs.command import Command, known_placeholders
from shampoo_tune.tuner.study_file.arms import Arm
from shampoo_tune.tuner.study_file.model import Study
from shampoo_tune.workloads.known import PROGRAM


def check_command(study: Study, command: Command | None) -> None:
    """Raises InvalidInputError with every rule that a study and its command break.

    Args:
        study: the validated file.
        command: of `--exec`; None if there is none.
    """
    if (study.workload.name == PROGRAM) != (command is not None):
        raise InvalidInputError(
            f"--exec is for files with workload: {{name: {PROGRAM}}}, this one has"
            f" {study.workload.name!r}"
            if command
            else f"workload {PROGRAM!r} needs a command: launch FILE --exec -- COMMAND ..."
        )
    if command is not None:
        broken = [*_of_command(command)]
        for arm in study.arms:
            broken += _of_arm(arm, command)
        if broken:
            raise InvalidInputError("\n".join(broken))


def _of_command(command: Command) -> Iterator[str]:
    if not command.argv:
        yield "--exec needs a command: --exec -- python train.py --seed {seed}"
    elif shutil.which(command.argv[0]) is None:
        yield f"there is no program {command.argv[0]!r}: check its path"
    elif "seed" not in command.placeholders:
        yield "the command has no {seed}: runs that do not differ by it are no seeds"


def _of_arm(arm: Arm, command: Command) -> Iterator[str]:
    known = known_placeholders(arm.optimizer)
    for name in command.placeholders:
        if name not in known:
            several = "; {hyperparameters} is all of an arm's, as JSON" if name else ""
            yield (
                f"unknown placeholder {{{name}}} for the arm {arm.name} (known:"
                f" {', '.join(known)}{several})"
            )
    for name in arm.space.dimensions:
        if not _names(name) & set(command.placeholders):
            yield (
                f"the arm {arm.name} tunes {name}, which the command does not take: add"
                f" {{{min(_names(name) - {'hyperparameters', 'schedule'})}}}"
            )


def _names(parameter: str) -> set[str]:
    """The placeholders that tell a parameter's value."""
    if parameter == "warmup_fraction":
        return {"warmup_steps", "schedule"}
    if parameter in SCHEDULE_OPTIONS:
        return {parameter, "schedule"}
    together = (
        {"schedule", "hyperparameters"} if parameter == "learning_rate" else {"hyperparameters"}
    )
    return {parameter, *together}
