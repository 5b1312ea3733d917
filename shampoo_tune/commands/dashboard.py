"""`dashboard`: the studies of a database in a browser."""

import sys
from pathlib import Path

import click

from shampoo_tune.commands import options


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8088,
    show_default=True,
    help="0 takes one that is free.",
)
@click.option("--open", "browse", is_flag=True, help="Show it in a browser.")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of mode 0600 with the token that every request must show, made if there is none. "
    "Without it a token is asked for only where other machines can reach the server.",
)
@click.option(
    "--allowed-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A further name that the server is reached by; may be repeated.",
)
@options.database
def dashboard(
    host: str, port: int, browse: bool, token_file: Path | None, hosts: tuple[str, ...], db: str
) -> None:
    """Serve pages and an interface of all studies, which change nothing.

    The address is printed in a line of its own. Other machines can reach the server only with
    --host, and then need the token in ~/.config/shampoo-tune/dashboard-token. Ctrl-C ends it.
    """
    from shampoo_tune.dashboard.access import access_for, is_loopback
    from shampoo_tune.dashboard.serving import serve
    from shampoo_tune.dashboard.tokens import default_token_file, read_or_make_token
    from shampoo_tune.storage.database import open_existing

    def listening(address: str) -> None:
        click.echo(address)
        if browse:
            click.launch(address)

    with open_existing(db) as reader:
        path = token_file or (None if is_loopback(host) else default_token_file())
        token = None if path is None else read_or_make_token(path)
        if path is not None:
            click.echo(f"the token is in {path}", err=True)
        try:
            serve(reader, access_for(host, token, hosts), host, port, listening)
        except KeyboardInterrupt:  # its ordinary end, after which nothing is left to continue
            sys.exit(130)
