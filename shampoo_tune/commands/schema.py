"""`schema`: the JSON Schema of study files."""

import click

from shampoo_tune.commands import options


@click.command()
def schema() -> None:
    """Print the JSON Schema of study files, with which editors complete and check them.

    It is of draft 2020-12. `validate` checks more: rules that span several keys.
    """
    from shampoo_tune.tuner.study_file.schema import study_file_schema
    from shampoo_tune.workloads.known import KNOWN_WORKLOADS

    options.print_json(study_file_schema(KNOWN_WORKLOADS))
