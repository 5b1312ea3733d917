"""`submit`: the studies of a file, queued for a controller."""

from pathlib import Path

import click

from shampoo_tune.commands import options


@click.command()
@options.file
@click.option(
    "--name", callback=options.check_group_name, help="The group's name; the file's by default."
)
@options.overrides
@options.database
def submit(file: Path, name: str | None, overrides: tuple[str, ...], db: str) -> None:
    """Queue the studies of a file: a `shampoo-tune controller` of this database trains them.

    The same file again changes nothing, except that a group that was paused, or blocked by failed
    runs, is queued again.
    """
    from shampoo_tune.storage.database import create_or_open
    from shampoo_tune.tuner import launching, submission
    from shampoo_tune.tuner.design import prepare

    study = options.load(file, overrides).study
    group_name = name or launching.default_name(study, overridden=bool(overrides))
    prepare()
    with create_or_open(db) as database, database.write() as connection:
        group = submission.submit(connection, study, group_name)
    click.echo(f"{group.name} is {group.state}")
    options.suggest("controller", f"watch {group.name}")
