"""`validate`: a study file checked, and shown with every default."""

import sys
from pathlib import Path
from typing import Any

import click

from shampoo_tune.commands import options


@click.command()
@options.file
@options.overrides
@options.as_json
def validate(file: Path, overrides: tuple[str, ...], as_json: bool) -> None:
    """Check a study file and print it with every default filled in.

    All errors are shown at once, each with its file, line and column. FILE may be the bare name
    of a study file that comes with the package, such as resnet; another bare name lists them all.
    """
    from shampoo_tune.tuner.study_file.file_errors import StudyFileError
    from shampoo_tune.tuner.study_file.loading import render_yaml

    errors: list[dict[str, Any]] = []
    try:
        loaded = options.load(file, overrides)
    except StudyFileError as error:
        if not as_json:
            raise
        errors = [vars(item) for item in error.errors]
    if as_json:
        document = {"schema": "shampoo-tune/validate/v1", "valid": not errors, "errors": errors}
        options.print_json(document)
        sys.exit(2 if errors else 0)
    click.echo(render_yaml(loaded.study), nl=False)
