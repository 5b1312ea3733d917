"""Where the text of a new file goes."""

from pathlib import Path

import click

from shampoo_tune.errors import InvalidInputError

output = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write to this new file instead of standard output.",
)


def write_new(path: Path | None, text: str) -> None:
    """Write a file that does not exist yet, as somebody may have edited it; None prints.

    Raises:
        InvalidInputError: it exists, or cannot be written.
    """
    if path is None:
        click.echo(text, nl=False)
        return
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise InvalidInputError(f"{path} exists already: choose another name") from error
    except OSError as error:
        raise InvalidInputError(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"wrote {path}", err=True)
