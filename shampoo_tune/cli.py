"""The command line: parse, call one function, print. Heavy imports stay inside the commands.

Data goes to standard output, everything else to standard error. Exit codes: 0 ok, 1 failure,
2 usage or invalid file, 3 condition not met, 4 not found, 5 database of another version,
130 and 143 after SIGINT and SIGTERM.
"""

import difflib
import json
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import click

import shampoo_tune
from shampoo_tune.errors import ShampooTuneError

_FIRST_STEPS = """\b
First steps:
  shampoo-tune validate search_spaces/resnet.yaml
  shampoo-tune launch search_spaces/resnet.yaml
  shampoo-tune best resnet/shampoo -o best.yaml
"""

DEFAULT_DATABASE = "sqlite:///shampoo-tune.db"

_file = click.argument("file", type=click.Path(path_type=Path))
_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
_set = click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Replace a value of the file, as in budget.trials=4; may be repeated.",
)
_database = click.option(
    "--db",
    envvar="SHAMPOO_TUNE_DB",
    default=DEFAULT_DATABASE,
    show_default=True,
    show_envvar=True,
    metavar="URL",
    help="The database, as an SQLAlchemy address.",
)


class Commands(click.Group):
    """A group of commands that suggests the nearest name for a mistyped one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As in click, with a suggestion in the error."""
        if args and self.get_command(ctx, args[0]) is None and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_FIRST_STEPS
)
@click.version_option(shampoo_tune.__version__, prog_name="shampoo-tune")
def cli() -> None:
    """Tune optimizers and compare them honestly: the same budget, the median over fresh seeds."""


@cli.command()
@_file
@_set
@_as_json
def validate(file: Path, overrides: tuple[str, ...], as_json: bool) -> None:
    """Check a study file and print it with every default filled in.

    All errors are shown at once, each with its file, line and column.
    """
    from shampoo_tune.tuner.study_file.file_errors import StudyFileError
    from shampoo_tune.tuner.study_file.loading import render_yaml

    errors: list[dict[str, Any]] = []
    try:
        loaded = _load(file, overrides)
    except StudyFileError as error:
        if not as_json:
            raise
        errors = [vars(item) for item in error.errors]
    if as_json:
        document = {"schema": "shampoo-tune/validate/v1", "valid": not errors, "errors": errors}
        _print_json(document)
        sys.exit(2 if errors else 0)
    click.echo(render_yaml(loaded.study), nl=False)


@cli.command()
@_file
@click.option("--name", help="The group's name; the file's by default.")
@_set
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Worker processes; one per core by default. The results do not depend on it.",
)
@click.option(
    "--backend",
    type=click.Choice(["local"]),
    default="local",
    show_default=True,
    help="Where runs are trained.",
)
@click.option(
    "--dry-run", is_flag=True, help="Show the budget and the first points; create nothing."
)
@_database
@_as_json
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
def launch(  # noqa: PLR0913  (one parameter an option)
    file: Path,
    name: str | None,
    overrides: tuple[str, ...],
    workers: int | None,
    backend: str,
    dry_run: bool,
    db: str,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run the studies of a file: search, finalists, then the winner over fresh seeds.

    Launching the same file again continues where it stopped, whatever stopped it, and trains
    nothing twice. Ctrl-C is safe.
    """
    from rich.console import Console

    from shampoo_tune.console import RunProgress
    from shampoo_tune.tuner import launching

    loaded = _load(file, overrides)
    group_name = name or launching.default_name(loaded.study, overridden=bool(overrides))
    if dry_run:
        click.echo(launching.describe(loaded.study, group_name), nl=False)
        return
    del backend  # one so far
    stop = StopRequest()
    console = Console(stderr=True)
    summary = launching.launch(
        loaded.study,
        group_name,
        db,
        workers=workers,
        show_progress=lambda known: RunProgress(known, console, quiet=quiet),
        say=lambda sentence: click.echo(sentence, err=True),
        should_stop=lambda: stop.number is not None,
    )
    if stop.number is not None:
        click.echo("stopped; the same command continues", err=True)
        sys.exit(128 + stop.number)
    _show(summary, "launch", as_json)
    if summary.failed:
        raise ShampooTuneError(_explain_failures(summary))
    if not as_json:
        _suggest(
            *(f"best {s.study} -o best.yaml" for s in summary.studies),
            f"status {summary.group} --json",
        )


@cli.command()
@click.argument("name", required=False, metavar="[GROUP|STUDY]")
@_database
@_as_json
def status(name: str | None, db: str, as_json: bool) -> None:
    """Show how far a group or study is, and what is known; without a name, all groups."""
    from shampoo_tune.storage.database import open_existing
    from shampoo_tune.tuner import lookup

    with open_existing(db) as database:
        if name is not None:
            _show(lookup.summary_of(database, name), "status", as_json)
            return
        groups = lookup.all_groups(database)
    if as_json:
        _print_json({"schema": "shampoo-tune/status/v1", "groups": groups})
        return
    for group in groups:
        click.echo(f"{group['group']}  {group['state']}")


@cli.command()
@click.argument("study")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write best.yaml here.")
@click.option("--provisional", is_flag=True, help="The leader so far will do.")
@_database
@_as_json
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
        _print_json(summary.to_json("best"))
    elif output is None:
        click.echo(config.to_yaml(), nl=False)


def _load(file: Path, overrides: tuple[str, ...]) -> Any:
    from shampoo_tune.tuner.study_file.loading import load_study_file
    from shampoo_tune.workloads import WORKLOADS

    loaded = load_study_file(file, overrides, WORKLOADS)
    for warning in loaded.warnings:
        click.echo(f"warning: {warning}", err=True)
    return loaded


def _show(summary: Any, command: str, as_json: bool) -> None:
    if as_json:
        _print_json(summary.to_json(command))
        return
    from rich.console import Console

    from shampoo_tune.console import print_group

    print_group(summary, Console())


def _explain_failures(summary: Any) -> str:
    count, first = len(summary.failed), summary.failed[0]
    return (
        f"{count} runs failed and block the verdict; launch again to retry them. The first: "
        f"{first.study} trial {first.trial} seed {first.seed}\n{first.reason}"
    )


def _print_json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, indent=2, allow_nan=False))


def _suggest(*commands: str) -> None:
    click.echo("next:", err=True)
    for command in commands:
        click.echo(f"  shampoo-tune {command}", err=True)


class StopRequest:
    """Notes SIGINT and SIGTERM, so that a launch ends where nothing is lost; a second one ends it.

    Raising from a signal handler could leave a transaction open in the middle of its own library.
    """

    number: int | None = None

    def __init__(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self.number is not None:
            raise KeyboardInterrupt
        self.number = number


def main() -> NoReturn:
    """Run the command line and exit with the code of what happened."""
    try:
        sys.exit(cli.main(standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ShampooTuneError as error:
        click.echo(f"{error.label}{error}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("interrupted; the same command continues", err=True)
        sys.exit(130)
