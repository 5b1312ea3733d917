"""`data`: a data set brought into the form that is read fastest, and checked."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from shampoo_tune.commands import options
from shampoo_tune.commands.image_progress import image_progress
from shampoo_tune.errors import InvalidInputError

if TYPE_CHECKING:
    from shampoo_tune.workloads.imagenet.manifest import Manifest

_EXAMPLES = """\b
Examples:
  shampoo-tune data prepare imagenet --from ILSVRC2012 --to imagenet
  shampoo-tune data verify imagenet --from imagenet
"""

_name = click.argument("name", type=click.Choice(["imagenet"]), metavar="imagenet")
_source = click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder that is read.",
)
_decode_every = click.option(
    "--decode-every",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Decode one image of N only; counts and digests are always of all.",
)


@click.group()
def data() -> None:
    """Prepare a data set for training, or check one."""


@data.command(epilog=_EXAMPLES)
@_name
@_source
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder of the shards; made if it is missing.",
)
@_decode_every
@options.as_json
def prepare(name: str, source: Path, target: Path, decode_every: int, as_json: bool) -> None:
    """Write an image folder (train/<class>/*.JPEG, and so valid or val) as ArrayRecord shards.

    The same images give the same files on every machine. The same command continues after an
    interruption. At the end all shards are read back; broken images are named, and the exit code
    is 1.
    """
    from shampoo_tune.tuner.thread_settings import usable_cores
    from shampoo_tune.workloads.imagenet import preparing

    del name
    preparation, cores = preparing.plan_preparation(source, target), usable_cores()
    unwritten = preparation.unwritten
    with image_progress("writing", _images(unwritten)) as advance:
        preparing.write_shards(preparation, cores, advance)
    with image_progress("checking", _images(preparation.shards)) as advance:
        reports = preparing.examine_shards(preparation, cores, decode_every, advance)
    problems = [problem for report in reports for problem in report.problems]
    document = {
        "schema": "shampoo-tune/data-prepare/v1",
        "shards_written": len(unwritten),
        "shards_kept": len(preparation.shards) - len(unwritten),
    }
    manifest = None if problems else preparing.finish(preparation, reports)
    _tell(document, target, manifest, problems, as_json)


@data.command(epilog=_EXAMPLES)
@_name
@_source
@_decode_every
@options.as_json
def verify(name: str, source: Path, decode_every: int, as_json: bool) -> None:
    """Check what `data prepare` wrote: sizes, digests, counts, and whether images can be decoded.

    Exit code 1 if anything is wrong. Nothing is changed.
    """
    from shampoo_tune.tuner.thread_settings import usable_cores
    from shampoo_tune.workloads.imagenet import verifying
    from shampoo_tune.workloads.imagenet.extra import require_extra
    from shampoo_tune.workloads.imagenet.layout import MANIFEST
    from shampoo_tune.workloads.imagenet.manifest import read_manifest

    del name
    require_extra()
    if not (source / MANIFEST).is_file():
        raise InvalidInputError(f"{source} has no {MANIFEST}, which `data prepare` writes at last")
    manifest = read_manifest(source)
    images = sum(shard.examples for split in manifest.splits.values() for shard in split)
    with image_progress("checking", images) as advance:
        problems = verifying.verify(source, manifest, usable_cores(), decode_every, advance)
    document = {"schema": "shampoo-tune/data-verify/v1"}
    _tell(document, source, manifest, problems, as_json)


def _images(plans: Any) -> int:
    return sum(len(plan.images) for plan in plans)


def _tell(
    document: dict[str, Any],
    folder: Path,
    manifest: "Manifest | None",
    problems: list[str],
    as_json: bool,
) -> None:
    """Print what the folder holds, or what is wrong; ends with code 1 if anything is."""
    splits = {} if manifest is None else {k: _totals(v) for k, v in manifest.splits.items()}
    classes = None if manifest is None else len(manifest.classes)
    if as_json:
        whole = {"folder": str(folder), "classes": classes, "splits": splits, "problems": problems}
        options.print_json(document | whole)
    elif not problems:
        for split, totals in splits.items():
            click.echo(
                f"{split}: {totals['examples']:,} images in {totals['shards']:,} shards,"
                f" {totals['bytes']:,} bytes"
            )
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        click.echo(f"{len(problems):,} problems in {folder}", err=True)
        sys.exit(1)


def _totals(shards: Any) -> dict[str, int]:
    return {
        "examples": sum(shard.examples for shard in shards),
        "shards": len(shards),
        "bytes": sum(shard.size for shard in shards),
    }
