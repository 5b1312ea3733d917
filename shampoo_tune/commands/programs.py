"""`--exec`: a program of the user's own trains the runs."""

import functools
from collections.abc import Callable
from typing import Any

import click

from shampoo_tune.errors import InvalidInputError

_EXEC = click.option(
    "--exec",
    "executes",
    is_flag=True,
    help="Train by the command after `--`, whose placeholders are a run's hyperparameters, as in "
    "--exec -- python train.py --lr {learning_rate} --seed {seed}.",
)
_COMMAND = click.argument("argv", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")


def runs_programs(command: Callable[..., None]) -> Callable[..., None]:
    """Adds `--exec -- COMMAND`; the command receives it as `program`, None if it is not given."""

    @functools.wraps(command)
    def collected(*, executes: bool, argv: tuple[str, ...], **others: Any) -> None:
        if argv and not executes:
            raise InvalidInputError(
                f"unexpected arguments: {' '.join(argv)} (a command stands after --exec --)"
            )
        from shampoo_tune.tuner.programs.command import Command

        command(program=Command(argv) if executes else None, **others)

    return _COMMAND(_EXEC(collected))
