"""Arguments and options that commands share, and how they print."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage import DEFAULT_ADDRESS

Format = TypeVar("Format", bound=str)

file = click.argument("file", type=click.Path(path_type=Path))
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
overrides = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Replace a value of the file, as in budget.trials=4; may be repeated.",
)


database = click.option(
    "--db",
    envvar="SHAMPOO_TUNE_DB",
    default=DEFAULT_ADDRESS,
    show_default=True,
    show_envvar=True,
    metavar="URL",
    help="The database, as an SQLAlchemy address.",
)


def check_group_name(context: click.Context, option: click.Parameter, name: str | None) -> Any:
    """Callback of `--name`: a name as a file's; `/` and `#` belong to the names of studies."""
    from shampoo_tune.tuner.study_file.root_keys import NAME, NAME_RULE

    del context, option
    if name is not None and not NAME.fullmatch(name):
        raise InvalidInputError(f"--name {NAME_RULE}, got {name!r}")
    return name


def load(path: Path, changes: tuple[str, ...]) -> Any:
    """A checked study file, or a shipped one by its name; warnings go to standard error."""
    from shampoo_tune.tuner.study_file.loading import load_study_file
    from shampoo_tune.tuner.study_file.shipped import find_study_file
    from shampoo_tune.workloads.known import KNOWN_WORKLOADS

    loaded = load_study_file(find_study_file(path), changes, KNOWN_WORKLOADS)
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    return loaded


def show(summary: Any, command: str, as_json: bool) -> None:
    """Print a group's summary as a table or as JSON."""
    if as_json:
        print_json(summary.to_json(command))
        return
    from rich.console import Console

    from shampoo_tune.console import print_group

    print_group(summary, Console())


def warn_of_edges(config: Any) -> None:
    """Say on standard error where the best trials crowd at an end of a range."""
    for edge in config.evidence["search"]["boundary"] or ():
        if edge["flag"] == "expand":
            click.echo(
                f"warning: the best trials crowd at the {edge['side']} end of {edge['parameter']}, "
                f"{edge['edge']:.4g}: a wider range may hold better ones",
                err=True,
            )


def by_ending(output: Path, endings: Mapping[str, Format]) -> Format:
    """The format that the ending of a file's name means.

    Raises:
        InvalidInputError: it means none.
    """
    if (known := endings.get(output.suffix.lower())) is not None:
        return known
    raise InvalidInputError(f"{output} ends in none of {', '.join(endings)}: choose with --format")


def print_json(document: dict[str, Any]) -> None:
    """Print one document; NaN and infinities are refused."""
    click.echo(json.dumps(document, indent=2, allow_nan=False))


def suggest(*commands: str) -> None:
    """Name the commands that may come next, on standard error."""
    click.echo("next:", err=True)
    for command in commands:
        click.echo(f"  shampoo-tune {command}", err=True)
