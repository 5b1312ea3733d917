"""A shard read from its first byte to its last: digest, number of records, and their images."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.workloads.imagenet.decoding import decode
from shampoo_tune.workloads.imagenet.manifest import Manifest, Shard
from shampoo_tune.workloads.imagenet.record_shards import check_size, unpack
from shampoo_tune.workloads.imagenet.side_by_side import Advance, side_by_side


@dataclass(frozen=True)
class ShardReport:
    """What a shard holds, and a sentence for each thing that is wrong with it."""

    examples: int
    size: int
    sha256: str
    problems: tuple[str, ...]


def examine_shard(
    path: Path, expected: int, name: Callable[[int], str], decode_every: int, advance: Advance
) -> ShardReport:
    """Read a shard.

    Args:
        path: its file.
        expected: how many records it should have.
        name: what people call a record.
        decode_every: decode the first of so many records; 1 decodes all.
        advance: called as records are read.
    """
    from array_record.python.array_record_module import ArrayRecordReader

    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    problems, examples = [], 0
    reader = ArrayRecordReader(str(path))
    try:
        examples = reader.num_records()
        for index in range(min(examples, expected)):
            image, _ = unpack(reader.read([index])[0])
            if index % decode_every == 0:
                problems += _broken(image, name(index))
            advance(1)
        reader.close()
    except RuntimeError as error:  # also when it is closed, of a file that ends too early
        problems.append(f"{path} cannot be read: {error}")
    if examples != expected:
        problems.append(f"{path} has {examples:,} records instead of {expected:,}")
    return ShardReport(examples, path.stat().st_size, sha256, tuple(problems))


def _broken(image: bytes, name: str) -> list[str]:
    try:
        decode(image, name)
    except ShampooTuneError as error:
        return [str(error)]
    return []


def verify(
    root: Path, manifest: Manifest, threads: int, decode_every: int, advance: Advance
) -> list[str]:
    """What is wrong with a prepared data set; nothing if all is as its manifest says."""

    def problems(shard: Shard, advance: Advance) -> list[str]:
        path = root / shard.file
        try:
            check_size(root, shard)
        except ShampooTuneError as error:
            return [str(error)]
        report = examine_shard(
            path, shard.examples, lambda i: f"{path}, record {i}", decode_every, advance
        )
        if report.sha256 != shard.sha256:
            return [f"{path} is not what was written (sha256): copy it again", *report.problems]
        return list(report.problems)

    shards = [shard for split in manifest.splits.values() for shard in split]
    found = side_by_side(problems, shards, threads, advance)
    return [problem for several in found for problem in several]
