"""`best`: the winning configuration with its evidence."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shampoo_tune.commands import options
from shampoo_tune.errors import InvalidInputError

if TYPE_CHECKING:
    from shampoo_tune.storage.database import Reader

_ALIAS = "@champion"
_ENDINGS = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".py": "python"}


@click.command()
@click.argument("study", metavar="STUDY[@champion]")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file instead; one that exists is replaced.",
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["yaml", "json", "python"]),
    help="Python is code to paste. By default as the file's name ends, or YAML.",
)
@click.option("--provisional", is_flag=True, help="The leader so far will do.")
@options.database
@options.as_json
def best(
    study: str,
    output: Path | None,
    format_: str | None,
    provisional: bool,
    db: str,
    as_json: bool,
) -> None:
    """Print the winning configuration of a study with its evidence, as best.yaml.

    STUDY@champion is the one that was approved last, just as it was approved. Training code reads
    either with shampoo_tune.load("best.yaml").optimizer(). --json prints the study's summary.
    """
    from shampoo_tune.best_file import FORMATS
    from shampoo_tune.storage.database import open_existing
    from shampoo_tune.tuner import lookup

    format_ = format_ or (options.by_ending(output, _ENDINGS) if output else "yaml")
    if as_json and study.endswith(_ALIAS):
        raise InvalidInputError(f"--json is of a study, not of {study}: ask with --format json")
    with open_existing(db) as database:
        document = _document(database, study, provisional)
        summary = lookup.summary_of(database, document["provenance"]["study"]) if as_json else None
    text = FORMATS[format_](document)
    if output is not None:
        _write(output, text)
    if summary is not None:
        options.print_json(summary.to_json("best"))
    elif output is None:
        click.echo(text, nl=False)


def _document(database: "Reader", study: str, provisional: bool) -> Mapping[str, Any]:
    from shampoo_tune.tuner import lookup

    if not study.endswith(_ALIAS):
        config = lookup.best_of(database, study, provisional=provisional)
        options.warn_of_edges(config)
        return config.to_document()
    found = lookup.champion_of(database, study.removesuffix(_ALIAS))
    approval = found.approval
    note = f": {approval.note!r}" if approval.note else ""
    when = f"{approval.approved_at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"approved by {approval.author} at {when}{note}", err=True)
    return found.document


def _write(path: Path, text: str) -> None:
    """Write the file whole or not at all: production may be about to read it."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise InvalidInputError(f"cannot write {path}: {error.strerror}") from error
    click.echo(f"wrote {path}", err=True)
