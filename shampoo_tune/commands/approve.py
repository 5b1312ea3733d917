"""`approve`: the winner that production asks for by its alias."""

import click

from shampoo_tune.commands import options


@click.command()
@click.argument("study")
@click.option("--note", metavar="TEXT", help="Why; kept with the approval.")
@options.database
def approve(study: str, note: str | None, db: str) -> None:
    """Make the winner of a study its champion, for `best STUDY@champion` and `load`.

    The configuration and its evidence are kept as they are now. A later approval takes its place,
    and every one stays in the history. A controller may be running meanwhile.
    """
    from shampoo_tune.storage.database import open_for_writing
    from shampoo_tune.tuner.approving import approve as make_champion

    with open_for_writing(db) as database:
        approved = make_champion(database, study, note)
    options.warn_of_edges(approved.config)
    where = approved.config.provenance
    click.echo(f"trial {where['trial']} of {where['study']} is its champion, {approved.digest}")
