"""`design`: the runs of a study that are to be trained."""

import json

import click

from shampoo_tune.commands import options


@click.command()
@click.argument("study")
@options.database
@options.as_json
def design(study: str, db: str, as_json: bool) -> None:
    """Print the queued runs of a study, one JSON object a line, to be trained elsewhere.

    Submit the file first, and give back what came out with `shampoo-tune record`: that queues the
    next phase's runs. With --json it is one document.
    """
    from shampoo_tune.storage.database import open_existing
    from shampoo_tune.tuner.recording.designed import designed_runs

    with open_existing(db) as database, database.read() as connection:
        document = designed_runs(connection, study)
    if as_json:
        options.print_json(document)
        return
    for run in document["runs"]:
        click.echo(json.dumps(run, allow_nan=False))
    if not document["runs"]:
        click.echo(f"{document['study']} is {document['state']}: no run is queued", err=True)
