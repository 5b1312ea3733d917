"""`best`: the winning configuration with its evidence."""

from pathlib import Path

import click

from shampoo_tune.commands import options


@click.command()
@click.argument("study")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write best.yaml here.")
@click.option("--provisional", is_flag=True, help="The leader so far will do.")
@options.database
@options.as_json
def best(study: str, output: Path | None, provisional: bool, db: str, as_json: bool) -> None:
    """Print the winning configuration of a study with its evidence, as best.yaml.

    Training code reads it with shampoo_tune.load("best.yaml").optimizer().
    """
    from shampoo_tune.storage.database import open_existing
    from shampoo_tune.tuner import lookup

    with open_existing(db) as database:
        config = lookup.best_of(database, study, provisional=provisional)
        summary = lookup.summary_of(database, config.provenance["study"])
    if output is not None:
        output.write_text(config.to_yaml(), encoding="utf-8")
        click.echo(f"wrote {output}", err=True)
    if as_json:
        options.print_json(summary.to_json("best"))
    elif output is None:
        click.echo(config.to_yaml(), nl=False)
