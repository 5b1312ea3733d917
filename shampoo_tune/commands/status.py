"""`status`: how far groups and studies are."""

import click

from shampoo_tune.commands import options


@click.command()
@click.argument("name", required=False, metavar="[GROUP|STUDY]")
@options.database
@options.as_json
def status(name: str | None, db: str, as_json: bool) -> None:
    """Show how far a group or study is, and what is known; without a name, all groups."""
    from shampoo_tune.storage.database import open_existing
    from shampoo_tune.tuner import lookup

    with open_existing(db) as database:
        if name is not None:
            options.show(lookup.summary_of(database, name), "status", as_json)
            return
        groups = lookup.all_groups(database)
    if as_json:
        options.print_json({"schema": "shampoo-tune/status/v1", "groups": groups})
        return
    for group in groups:
        click.echo("{group}  {state}, {runs_done}/{runs_total} runs".format_map(group))
