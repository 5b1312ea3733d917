"""`ladder`: a study at a geometric ladder of step budgets."""

import sys
from pathlib import Path
from typing import Any

import click

from shampoo_tune.commands import options
from shampoo_tune.commands.outcome import explain_failures
from shampoo_tune.commands.stopping import StopRequest
from shampoo_tune.commands.training import trains
from shampoo_tune.errors import ShampooTuneError


@click.command()
@options.file
@click.option(
    "--factor",
    type=float,
    default=0.8,
    show_default=True,
    help="Each budget is this part of the one before.",
)
@click.option(
    "--rungs", type=int, default=6, show_default=True, help="Budgets, the file's own included."
)
@click.option(
    "--name",
    callback=options.check_group_name,
    help="The ladder's name; the file's with -ladder by default.",
)
@options.overrides
@click.option("--dry-run", is_flag=True, help="Show the rungs and what they cost; create nothing.")
@trains
@options.database
@options.as_json
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def ladder(  # noqa: PLR0913  (one parameter an option)
    file: Path,
    factor: float,
    rungs: int,
    name: str | None,
    overrides: tuple[str, ...],
    open_dispatcher: Any,
    dry_run: bool,
    db: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Find how many steps each arm needs to reach the target, tuned anew at every budget.

    The budgets are declared before anything runs: the file's steps, times the factor again and
    again. The final seeds of a rung that cannot reach the target are stopped early. The same
    command again continues where it stopped, and prints the result once all is done.
    """
    from rich.console import Console

    from shampoo_tune.console import RunProgress
    from shampoo_tune.ladder_console import print_ladder
    from shampoo_tune.tuner.ladder import reading, running
    from shampoo_tune.tuner.ladder.declaration import declare
    from shampoo_tune.tuner.launching import default_name
    from shampoo_tune.tuner.programs.rules import check_command

    study = options.load(file, overrides).study
    check_command(study, None)
    name = name or f"{default_name(study, overridden=bool(overrides))}-ladder"
    declared = declare(study, name, factor, rungs)
    if dry_run:
        click.echo(running.describe(declared), nl=False)
        return
    stop = StopRequest()
    progress = Console(stderr=True)
    summaries = running.run_ladder(
        declared,
        db,
        open_dispatcher=open_dispatcher,
        show_progress=lambda known: RunProgress(known, progress, quiet=quiet),
        say=lambda sentence: click.echo(sentence, err=True),
        should_stop=lambda: stop.number is not None,
    )
    if stop.number is not None:
        click.echo("stopped; the same command continues", err=True)
        sys.exit(128 + stop.number)
    for summary in summaries:
        if summary.failed:
            raise ShampooTuneError(explain_failures(summary))
    result = reading.result_of(db, declared.rungs[0].group)
    if as_json:
        options.print_json(result.to_json())
    else:
        print_ladder(result, Console(width=None if sys.stdout.isatty() else 120))
