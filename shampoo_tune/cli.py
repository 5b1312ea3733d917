"""The command line: parse, call one function, print. Heavy imports stay inside the commands.

Data goes to standard output, everything else to standard error. Exit codes: 0 ok, 1 failure,
2 usage or invalid file, 3 condition not met, 4 not found, 5 database of another version,
130 and 143 after SIGINT and SIGTERM.
"""

import difflib
import os
import sys
from typing import NoReturn

import click

import shampoo_tune
from shampoo_tune.commands.approve import approve
from shampoo_tune.commands.asking import cancel, pause
from shampoo_tune.commands.best import best
from shampoo_tune.commands.compare import compare
from shampoo_tune.commands.controller import controller
from shampoo_tune.commands.dashboard import dashboard
from shampoo_tune.commands.data import data
from shampoo_tune.commands.db import db
from shampoo_tune.commands.design import design
from shampoo_tune.commands.doctor import doctor
from shampoo_tune.commands.export import export
from shampoo_tune.commands.init import init
from shampoo_tune.commands.ladder import ladder
from shampoo_tune.commands.launch import launch
from shampoo_tune.commands.plan import plan
from shampoo_tune.commands.record import record
from shampoo_tune.commands.refine import refine
from shampoo_tune.commands.report import report
from shampoo_tune.commands.schema import schema
from shampoo_tune.commands.status import status
from shampoo_tune.commands.submit import submit
from shampoo_tune.commands.validate import validate
from shampoo_tune.commands.verify import verify
from shampoo_tune.commands.watch import watch
from shampoo_tune.errors import ShampooTuneError

_FIRST_STEPS = """\b
First steps:
  shampoo-tune validate resnet
  shampoo-tune launch resnet
  shampoo-tune best resnet/shampoo -o best.yaml
"""


class Commands(click.Group):
    """A group of commands that suggests the nearest name for a mistyped one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, with a suggestion in the error."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_FIRST_STEPS
)
@click.version_option(shampoo_tune.__version__, prog_name="shampoo-tune")
def cli() -> None:
    """Tune optimizers and compare them honestly: the same budget, the median over fresh seeds."""


_COMMANDS = (
    validate, plan, launch, submit, controller, watch, pause, cancel, status, best, approve,
    compare, schema, init, refine, ladder, report, dashboard, export, design, record, verify, data,
    db, doctor,
)  # fmt: skip
for _command in _COMMANDS:
    cli.add_command(_command)


def main() -> NoReturn:
    """Run the command line and exit with the code of what happened."""
    try:
        sys.exit(cli.main(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ShampooTuneError as error:
        click.echo(f"{error.label}{error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # Whoever read has enough, as `head` has. Nothing may be flushed into the pipe at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; the same command continues", err=True)
        sys.exit(130)
