"""`init`: a study file to begin with."""

from pathlib import Path

import click

from shampoo_tune.commands import options, writing


@click.command()
@click.argument("workload", default="resnet_digits")
@click.option(
    "-O",
    "--optimizer",
    "optimizers",
    multiple=True,
    default=("shampoo",),
    show_default=True,
    metavar="ARM",
    help="An arm to tune; may be repeated.",
)
@writing.output
def init(workload: str, optimizers: tuple[str, ...], output: Path | None) -> None:
    """Print a commented study file for WORKLOAD (resnet_digits by default)."""
    from shampoo_tune.tuner.study_file.template import template
    from shampoo_tune.workloads.known import KNOWN_WORKLOADS

    writing.write_new(output, template(workload, optimizers, KNOWN_WORKLOADS))
    if output is not None:
        options.suggest(f"validate {output}", f"launch {output}")
