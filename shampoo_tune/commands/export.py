"""`export`: a table of a study as a file for other programs."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, get_args

import click

from shampoo_tune.commands import options
from shampoo_tune.errors import InvalidInputError

if TYPE_CHECKING:
    import pandas as pd

Table = Literal["trials", "curves", "seed_medians", "steps_to_target"]
Format = Literal["csv", "parquet", "json"]
_ENDINGS: dict[str, Format] = {".csv": "csv", ".parquet": "parquet", ".json": "json"}
_EXAMPLES = """\b
Examples:
  shampoo-tune export resnet/shampoo > trials.csv
  shampoo-tune export resnet --table curves -o curves.parquet
  shampoo-tune export resnet/shampoo --table seed_medians --format json
"""


@click.command(epilog=_EXAMPLES)
@click.argument("study")
@click.option(
    "--table",
    type=click.Choice(get_args(Table)),
    default="trials",
    show_default=True,
    help="What to export; docs/database.md has the columns.",
)
@click.option(
    "--format",
    "chosen",
    type=click.Choice(get_args(Format)),
    help="How to write it; by the ending of the output file unless given, else csv.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write to this new file instead of standard output.",
)
@options.database
def export(study: str, table: Table, chosen: Format | None, output: Path | None, db: str) -> None:
    """Write a study's trials, curves or medians as CSV, Parquet or JSON.

    The rows and types are those of shampoo_tune.open() in Python. A group's name exports all its
    studies. Numbers are exact: reading them gives the same bits.
    """
    format_ = chosen or (options.by_ending(output, _ENDINGS) if output else "csv")
    if format_ == "parquet" and output is None and sys.stdout.isatty():
        raise InvalidInputError("Parquet is no text: name a file with -o, or redirect the output")
    if output is not None and output.exists():
        raise InvalidInputError(f"{output} exists already: choose another name")
    frame = _read(db, study, table)
    # pandas, which takes a second, after all that can be wrong with the command.
    from shampoo_tune.exporting import write_frame

    if output is None:
        write_frame(frame, sys.stdout.buffer, format_, study)
        return
    with _appearing_whole(output) as file:
        write_frame(frame, file, format_, study)
    click.echo(f"wrote {len(frame):,} rows to {output}", err=True)


@contextmanager
def _appearing_whole(path: Path) -> Iterator[IO[bytes]]:
    """A file that is there once all of it is written."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("xb") as file:
            yield file
        part.rename(path)
    except OSError as error:
        raise InvalidInputError(f"cannot write {path}: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _read(address: str, study: str, table: str) -> "pd.DataFrame":
    from shampoo_tune import opening

    with opening.open(address) as results:
        frame: pd.DataFrame = getattr(results, table)(study)
    frame.attrs["table"] = table
    return frame
