"""`watch`: a group as it runs."""

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from shampoo_tune.commands import options
from shampoo_tune.commands.outcome import require_completed


@click.command()
@click.argument("group")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1),
    default=2.0,
    show_default=True,
    help="Seconds between two looks at the database.",
)
@options.database
@options.as_json
def watch(group: str, interval: float, db: str, as_json: bool) -> None:
    """Follow a group, whoever runs it, until it is completed, paused, blocked or cancelled.

    A table that renews itself on a terminal, a line for each change in a pipe, and with --json
    the document of `status` in one line for each change. Ctrl-C ends the watching only. Exit code
    as that of `launch`: 0 completed, 1 blocked, 3 paused or cancelled.
    """
    from shampoo_tune.storage.database import open_existing
    from shampoo_tune.tuner.watching import changes

    with open_existing(db) as database:
        told = changes(database, group, interval)
        if as_json:
            last = _print_documents(told)
        elif sys.stdout.isatty():
            last = _show_table(told)
        else:
            last = _print_lines(told)
    require_completed(last)


def _print_documents(summaries: Iterator[Any]) -> Any:
    for summary in summaries:
        click.echo(json.dumps(summary.to_json("watch"), allow_nan=False))
    return summary


def _print_lines(summaries: Iterator[Any]) -> Any:
    for summary in summaries:
        done = sum(study.runs_done for study in summary.studies)
        total = sum(study.runs_total for study in summary.studies)
        where = ", ".join(f"{s.study} {s.phase} {s.runs_done}/{s.runs_total}"
                          for s in summary.studies if s.state != "completed")  # fmt: skip
        click.echo(f"{summary.group} {summary.state} {done}/{total} {where}".rstrip())
    return summary


def _show_table(summaries: Iterator[Any]) -> Any:
    from rich.console import Console
    from rich.live import Live

    from shampoo_tune.console import group_tables

    with Live(console=Console()) as live:
        for summary in summaries:
            live.update(group_tables(summary), refresh=True)
    return summary
