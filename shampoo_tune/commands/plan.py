"""`plan`: what the studies of a file will cost."""

from pathlib import Path

import click

from shampoo_tune.commands import options
from shampoo_tune.errors import InvalidInputError


def _batch_sizes(context: click.Context, option: click.Parameter, text: str | None) -> list[int]:
    del context, option
    parts = text.split(",") if text else []
    if not all(part.strip().isdecimal() and int(part) for part in parts):
        raise InvalidInputError(f"--batch-size takes whole numbers with commas, got {text!r}")
    return [int(part) for part in parts]


@click.command()
@options.file
@options.overrides
@click.option(
    "--topology",
    metavar="TYPE:SHAPE",
    help="Compile for this TPU slice, such as v3:16x8, which need not be here. Without it, steps "
    "are timed on this machine.",
)
@click.option(
    "--batch-size",
    "batch_sizes",
    callback=_batch_sizes,
    metavar="N,...",
    help="Instead of the file's; several give a plan each.",
)
@click.option(
    "--at-once",
    type=click.IntRange(min=1),
    help="Slices, or workers of this machine; by default one slice, or a worker for each core.",
)
@click.option(
    "--price",
    type=click.FloatRange(min=0),
    help="Of a chip for an hour, or of a core of this machine.",
)
@options.as_json
def plan(
    file: Path,
    overrides: tuple[str, ...],
    topology: str | None,
    batch_sizes: list[int],
    at_once: int | None,
    price: float | None,
    as_json: bool,
) -> None:
    """Tell what the studies of a file will cost, before anything is trained.

    With --topology the training step of each arm is compiled for a TPU slice, and what its program
    does is counted: operations, memory traffic, bytes between cores. Seconds follow from the chip's
    published rates, as bounds, and are XLA's own estimate; nothing of it was ever run. It takes a
    minute or more for each arm, and needs the extra `tpu`.
    """
    from rich.console import Console

    from shampoo_tune.plan_console import print_plans
    from shampoo_tune.tuner.planning.planning import plan_study, with_batch_size

    doing = "compiling" if topology else "timing"
    study = options.load(file, overrides).study
    plans = [
        plan_study(
            with_batch_size(study, batch_size),
            topology,
            at_once=at_once,
            price=price,
            say=lambda what: click.echo(f"{doing} {what}", err=True),
        )
        for batch_size in batch_sizes or [study.workload.batch_size]
    ]
    if not as_json:
        print_plans(plans, topology, Console())
        return
    each = {str(plan.batch_size): plan.to_json() for plan in plans}
    document = {"schema": "shampoo-tune/plan/v1", "topology": topology, **plans[0].to_json()}
    options.print_json(document | {"batch_sizes": each})
