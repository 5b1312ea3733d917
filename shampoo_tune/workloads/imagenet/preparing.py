"""An image folder written as ArrayRecord shards, to the same bytes on every machine.

A shard appears whole: it is written under another name and renamed. What an interrupted command
finished is kept by the next one. The manifest, without which nothing reads the shards, is written
after all of them were read back and their images decoded.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.workloads.imagenet.extra import require_extra
from shampoo_tune.workloads.imagenet.image_folder import (
    class_names,
    open_image_folder,
    split_folders,
)
from shampoo_tune.workloads.imagenet.layout import MANIFEST
from shampoo_tune.workloads.imagenet.manifest import Manifest, Shard, read_manifest
from shampoo_tune.workloads.imagenet.record_shards import write_records
from shampoo_tune.workloads.imagenet.shard_plan import (
    EXAMPLES_A_SHARD,
    SHARD_NAME,
    ShardPlan,
    plan_shards,
)
from shampoo_tune.workloads.imagenet.side_by_side import Advance, side_by_side
from shampoo_tune.workloads.imagenet.verifying import ShardReport, examine_shard


@dataclass(frozen=True)
class Preparation:
    """What is to be written: into which folder, the class names by label, and all shards."""

    target: Path
    classes: Sequence[str]
    shards: Sequence[ShardPlan]

    @property
    def unwritten(self) -> list[ShardPlan]:
        """The shards that are not there yet."""
        return [plan for plan in self.shards if not (self.target / plan.file).exists()]


def plan_preparation(
    source: Path, target: Path, examples_a_shard: int = EXAMPLES_A_SHARD
) -> Preparation:
    """Look at the image folder, and whether the target may be written.

    Raises:
        InvalidInputError: the source is no image folder, or the target is not a folder or holds
            another data set.
        ShampooTuneError: the extra is not installed.
    """
    require_extra()
    if not source.is_dir():
        raise InvalidInputError(f"there is no folder {source}")
    shards = [
        plan
        for split in split_folders(source)
        for plan in plan_shards(split, open_image_folder(source, split), examples_a_shard)
    ]
    _check_target(target, shards)
    return Preparation(target, class_names(source), shards)


def _check_target(target: Path, shards: Sequence[ShardPlan]) -> None:
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InvalidInputError(f"cannot make the folder {target}: {error.strerror}") from error
    if not (target / MANIFEST).exists():
        return
    splits = read_manifest(target).splits
    if {shard.file for split in splits.values() for shard in split} != {s.file for s in shards}:
        raise InvalidInputError(
            f"{target} holds a data set of other images: choose another folder, or empty this one"
        )


def write_shards(preparation: Preparation, threads: int, advance: Advance) -> None:
    """Write the shards that are not there yet.

    Raises:
        ShampooTuneError: an image cannot be read, or a shard not written; those that are finished
            are kept.
    """

    def write(plan: ShardPlan, advance: Advance) -> None:
        _write_shard(preparation.target / plan.file, plan, advance)

    side_by_side(write, preparation.unwritten, threads, advance)


def _write_shard(path: Path, plan: ShardPlan, advance: Advance) -> None:
    def read() -> Iterator[tuple[bytes, int]]:
        for index in range(len(plan.images)):
            yield plan.images[index]
            advance(1)

    part = path.with_name(f".{path.name}.part")
    try:
        write_records(part, read())
        with part.open("rb") as file:
            os.fsync(file.fileno())  # a power cut after the rename must not leave a hole
        part.rename(path)
    except (RuntimeError, OSError) as error:
        raise ShampooTuneError(f"cannot write {path}: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def examine_shards(
    preparation: Preparation, threads: int, decode_every: int, advance: Advance
) -> list[ShardReport]:
    """Read all shards back; those with a problem are deleted, to be written by the next command."""

    def examine(plan: ShardPlan, advance: Advance) -> ShardReport:
        path = preparation.target / plan.file
        images = plan.images
        report = examine_shard(path, len(images), images.name, decode_every, advance)
        if report.problems:
            path.unlink()
        return report

    return side_by_side(examine, preparation.shards, threads, advance)


def finish(preparation: Preparation, reports: Sequence[ShardReport]) -> Manifest:
    """Write the manifest of shards without a problem; remove what earlier commands left there."""
    splits: dict[str, tuple[Shard, ...]] = {}
    for plan, report in zip(preparation.shards, reports, strict=True):
        shard = Shard(
            file=plan.file, examples=report.examples, size=report.size, sha256=report.sha256
        )
        splits[plan.split] = (*splits.get(plan.split, ()), shard)
    manifest = Manifest.model_validate({"classes": tuple(preparation.classes), "splits": splits})
    ours = {plan.file for plan in preparation.shards}
    for path in preparation.target.iterdir():
        name = path.name.removeprefix(".").removesuffix(".part")
        if SHARD_NAME.fullmatch(name) and path.name not in ours:
            path.unlink()
    manifest.save(preparation.target)
    return manifest
