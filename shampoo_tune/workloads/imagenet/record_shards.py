"""A data set as ArrayRecord shards. A record is the label, 4 bytes little-endian, and the image.

The image is the file as it was, never encoded again. Records stand alone in the shard (groups of
one, not compressed), so that any of them is read at once.
"""

import bisect
import itertools
from collections.abc import Iterable
from pathlib import Path

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.workloads.imagenet.manifest import Manifest, Shard

_LABEL_BYTES = 4
_OPTIONS = "group_size:1,uncompressed"


class RecordShards:
    """The examples of one split, shard after shard. Threads may read at the same time."""

    def __init__(self, root: Path, shards: tuple[Shard, ...]) -> None:
        # With the counts given, no shard is opened before it is read.
        from array_record.python.array_record_data_source import ArrayRecordDataSource

        self._root = root
        self._shards = shards
        self._ends = list(itertools.accumulate(shard.examples for shard in shards))
        self._records = ArrayRecordDataSource(
            [f"{root / shard.file}[0:{shard.examples}]" for shard in shards]
        )

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, index: int) -> tuple[bytes, int]:
        """The image's bytes and the label.

        Raises:
            ShampooTuneError: the shard is gone, or its bytes are not those that were written.
        """
        try:
            return unpack(self._records[index])
        except (RuntimeError, IndexError) as error:  # all that the C++ reader says
            raise ShampooTuneError(f"cannot read {self.name(index)}: {error}") from error

    def name(self, index: int) -> str:
        """Where an example is, for people."""
        shard = bisect.bisect_right(self._ends, index)
        first = self._ends[shard] - self._shards[shard].examples
        return f"{self._root / self._shards[shard].file}, record {index - first}"


def open_record_shards(root: Path, manifest: Manifest, split: str) -> RecordShards:
    """The examples of a split, whose shards are all there with the right size.

    Raises:
        InvalidInputError: there is no such split.
        ShampooTuneError: a shard is missing or has another size.
    """
    for name, shards in manifest.splits.items():
        if name == split:
            for shard in shards:
                check_size(root, shard)
            return RecordShards(root, shards)
    raise InvalidInputError(f"{root} has no {split} split (it has {', '.join(manifest.splits)})")


def check_size(root: Path, shard: Shard) -> None:
    """Whether a shard is there with its size.

    Raises:
        ShampooTuneError: no.
    """
    path = root / shard.file
    if not path.is_file():
        raise ShampooTuneError(f"{path} is missing: copy it again, or run `data prepare` again")
    if (size := path.stat().st_size) != shard.size:
        raise ShampooTuneError(
            f"{path} has {size:,} bytes instead of {shard.size:,}: copy it again, or delete it and"
            " run `data prepare` again"
        )


def write_records(path: Path, examples: Iterable[tuple[bytes, int]]) -> None:
    """Write a shard.

    Raises:
        RuntimeError: it cannot be written, for example because the disk is full.
    """
    from array_record.python.array_record_module import ArrayRecordWriter

    writer = ArrayRecordWriter(str(path), _OPTIONS)
    try:
        for image, label in examples:
            writer.write(label.to_bytes(_LABEL_BYTES, "little") + image)
    finally:
        writer.close()


def unpack(record: bytes) -> tuple[bytes, int]:
    """A record's image and label."""
    return record[_LABEL_BYTES:], int.from_bytes(record[:_LABEL_BYTES], "little")
