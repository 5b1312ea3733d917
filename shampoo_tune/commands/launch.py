"""`launch`: the studies of a file, run to their end."""

import sys
from pathlib import Path
from typing import Any

import click

from shampoo_tune.commands import options
from shampoo_tune.commands.outcome import require_completed
from shampoo_tune.commands.programs import runs_programs
from shampoo_tune.commands.stopping import StopRequest
from shampoo_tune.commands.training import trains
from shampoo_tune.errors import InvalidInputError


@click.command()
@options.file
@click.option(
    "--name", callback=options.check_group_name, help="The group's name; the file's by default."
)
@options.overrides
@click.option(
    "--dry-run", is_flag=True, help="Show the budget and the first points; create nothing."
)
@click.option(
    "--max-core-hours",
    type=click.FloatRange(min=0, min_open=True),
    metavar="HOURS",
    help="Begin nothing if all runs would take more of this machine, by steps timed before.",
)
@runs_programs
@trains
@options.database
@options.as_json
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def launch(  # noqa: PLR0913  (one parameter an option)
    file: Path,
    name: str | None,
    overrides: tuple[str, ...],
    open_dispatcher: Any,
    program: Any,
    dry_run: bool,
    max_core_hours: float | None,
    db: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run the studies of a file: search, finalists, then the winner over fresh seeds.

    Launching the same file again continues where it stopped, whatever stopped it, and trains
    nothing twice. Ctrl-C is safe.
    """
    from rich.console import Console

    from shampoo_tune.console import RunProgress
    from shampoo_tune.tuner import launching
    from shampoo_tune.tuner.programs.rules import check_command

    loaded = options.load(file, overrides)
    group_name = name or launching.default_name(loaded.study, overridden=bool(overrides))
    if program is not None or not dry_run:
        check_command(loaded.study, program)
    if dry_run:
        click.echo(launching.describe(loaded.study, group_name, db), nl=False)
        return
    if overrides and name is None:
        click.echo(f"group {group_name}: --set changes the file", err=True)
    _check_cost(loaded.study, max_core_hours)
    stop = StopRequest()
    console = Console(stderr=True)
    summary = launching.launch(
        loaded.study,
        group_name,
        db,
        open_dispatcher=open_dispatcher,
        show_progress=lambda known: RunProgress(known, console, quiet=quiet),
        say=lambda sentence: click.echo(sentence, err=True),
        should_stop=lambda: stop.number is not None,
        command=program,
    )
    if stop.number is not None:
        click.echo("stopped; the same command continues", err=True)
        sys.exit(128 + stop.number)
    options.show(summary, "launch", as_json)
    require_completed(summary)
    if not as_json:
        options.suggest(*_next_commands(summary))


def _check_cost(study: Any, max_core_hours: float | None) -> None:
    """On this machine only: what a step takes on another is not known here."""
    from shampoo_tune.tuner.planning.launch_cost import check_cost

    if click.get_current_context().params["backend"] == "local":
        check_cost(study, max_core_hours, lambda sentence: click.echo(sentence, err=True))
    elif max_core_hours is not None:
        raise InvalidInputError("--max-core-hours needs --backend local; see `plan --topology`")


def _next_commands(summary: Any) -> list[str]:
    firsts: dict[str, str] = {}  # of an arm's replicates; those of a later round have other numbers
    for study in summary.studies:
        firsts.setdefault(study.study.partition("#")[0], study.study)
    later_round = any("#" in study for study in firsts.values())
    several = len(summary.studies) > 1 or later_round
    compare = [f"compare {summary.group}"] if several else []
    names = [arm.rpartition("/")[2] for arm in firsts]
    files = ["best.yaml"] if len(names) == 1 else [f"{name}.yaml" for name in names]
    best = [f"best {s} -o {file}" for s, file in zip(firsts.values(), files, strict=True)]
    return [*compare, f"report {summary.group} -o report.html", *best]
