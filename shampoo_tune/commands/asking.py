"""`pause` and `cancel`: what may be asked of the controller of a group."""

import click

from shampoo_tune.commands import options
from shampoo_tune.study import Action


@click.command()
@click.argument("group")
@options.database
def pause(group: str, db: str) -> None:
    """Let the runs of a group that train come to their end, and begin no more.

    `launch` or `submit` with the same file continues it.
    """
    _request(group, Action.PAUSE, db)


@click.command()
@click.argument("group")
@options.database
def cancel(group: str, db: str) -> None:
    """End a group for good: its runs are given up, and what was measured is kept.

    Its name stays taken; `launch --name` makes another group of the same file.
    """
    _request(group, Action.CANCEL, db)


def _request(group: str, action: Action, address: str) -> None:
    from shampoo_tune.storage.database import open_for_writing
    from shampoo_tune.tuner.requesting import request

    with open_for_writing(address) as database:
        click.echo(request(database, group, action))
