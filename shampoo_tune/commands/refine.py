"""`refine`: the study file of the next round."""

from pathlib import Path

import click

from shampoo_tune.commands import options, writing


@click.command()
@click.argument("name", metavar="GROUP|STUDY")
@writing.output
@options.database
def refine(name: str, output: Path | None, db: str) -> None:
    """Print a study file whose ranges are refined by what a search has shown.

    Ranges shrink round the best trials, and grow where these crowd at an edge; comments say why.
    Points and seeds are new. The search must be finished.
    """
    from shampoo_tune.storage.database import open_existing
    from shampoo_tune.tuner.refining import next_round

    with open_existing(db) as database, database.read() as connection:
        text = next_round(connection, name).to_yaml()
    writing.write_new(output, text)
    if output is not None:
        options.suggest(f"validate {output}", f"launch {output}")
