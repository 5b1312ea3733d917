"""`db`: the database itself: upgraded, checked, backed up."""

import sys

import click

from shampoo_tune.commands import options

_BACKUPS = """\b
Examples:
  shampoo-tune db backup monday.db
  shampoo-tune db backup monday.db --db postgresql://user@host/studies
  shampoo-tune db backup postgresql://user@host/studies --db sqlite:///monday.db
"""


@click.group()
def db() -> None:
    """Upgrade, check or back up the database."""


@db.command()
@options.database
def upgrade(db: str) -> None:
    """Bring a database that an older version wrote to this version's tables.

    All or nothing: the migrations are one transaction, and the data are kept. An empty database
    on a server gets its tables. Refused while a controller runs a group in it.
    """
    from shampoo_tune.storage.addresses import parse_address, shown
    from shampoo_tune.storage.database import require_file
    from shampoo_tune.storage.migrating import migrate

    url = parse_address(db)
    require_file(url)
    before, after = migrate(url)
    if before == after:
        click.echo(f"{shown(url)} has schema version {after} already")
    else:
        was = "no tables" if before is None else f"schema version {before}"
        click.echo(f"{shown(url)} had {was}, has schema version {after} now")


@db.command()
@options.database
@options.as_json
def check(db: str, as_json: bool) -> None:
    """Check that the database is whole: its file, its tables, and what its rows say.

    Exit code 1 if anything is wrong. Nothing is changed.
    """
    from shampoo_tune.storage.checking import check as run_checks
    from shampoo_tune.storage.database import open_existing

    with open_existing(db) as database, database.read() as connection:
        checks = run_checks(connection)
    if as_json:
        rows = [{"rule": c.rule, "problems": list(c.problems)} for c in checks]
        options.print_json({"schema": "shampoo-tune/db-check/v1", "checks": rows})
    else:
        for c in checks:
            click.echo(f"{'wrong' if c.problems else 'ok   '} {c.rule}")
            for problem in c.problems:
                click.echo(f"      {problem}")
    if any(c.problems for c in checks):
        sys.exit(1)


@db.command(epilog=_BACKUPS)
@click.argument("target")
@options.database
def backup(target: str, db: str) -> None:
    """Copy the database into TARGET, a new file, also while studies run.

    TARGET may also be the address of an empty database, as --db takes it. So a study moves from a
    file to a server, and a backup of a server is restored.
    """
    from shampoo_tune.storage.backup import back_up
    from shampoo_tune.storage.database import open_existing

    with open_existing(db) as database:
        back_up(database, target)
    click.echo("the copy is complete", err=True)
