"""`controller`: serves queued groups."""

import sys
from typing import Any

import click

from shampoo_tune.commands import options
from shampoo_tune.commands.programs import runs_programs
from shampoo_tune.commands.stopping import StopRequest
from shampoo_tune.commands.training import trains


@click.command()
@click.option("--until-idle", is_flag=True, help="End once no group is left to serve.")
@runs_programs
@trains
@options.database
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def controller(open_dispatcher: Any, program: Any, until_idle: bool, db: str, quiet: bool) -> None:
    """Serve the groups that `submit` queued, first come first served, until stopped.

    Several controllers may serve one database: each group has one at a time, and what a dead one
    left is taken over. Ctrl-C or SIGTERM hands the group back, and any controller continues it.
    With --exec it serves the groups that this command can train, without it all others.
    """
    from rich.console import Console

    from shampoo_tune.console import RunProgress
    from shampoo_tune.storage.database import create_or_open
    from shampoo_tune.tuner.serving import serve

    stop = StopRequest()
    console = Console(stderr=True)
    with create_or_open(db) as database, open_dispatcher() as dispatcher:
        serve(
            database,
            dispatcher,
            lambda known: RunProgress(known, console, quiet=quiet),
            lambda sentence: click.echo(sentence, err=True),
            lambda: stop.number is not None,
            until_idle=until_idle,
            command=program,
        )
    if stop.number is not None:
        click.echo("stopped; `shampoo-tune controller` continues", err=True)
        sys.exit(128 + stop.number)
