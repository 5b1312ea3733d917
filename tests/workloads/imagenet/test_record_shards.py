"""Records: what was written is read; what is missing, short or changed is named."""

import shutil
from pathlib import Path

import pytest

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.workloads.imagenet.examples import open_examples
from shampoo_tune.workloads.imagenet.manifest import read_manifest
from shampoo_tune.workloads.imagenet.record_shards import write_records


@pytest.fixture
def copy(prepared: Path, tmp_path: Path) -> Path:
    """A data set that may be damaged."""
    return Path(shutil.copytree(prepared, tmp_path / "copy"))


def shard(root: Path) -> Path:
    """The second shard of train."""
    return root / read_manifest(root).splits["train"][1].file


def test_the_same_records_are_the_same_file(tmp_path: Path) -> None:
    examples = [(b"one" * 1000, 0), (b"", 999), (bytes(range(256)), 2**32 - 1)]
    for name in ("a", "b"):
        write_records(tmp_path / name, examples)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_there_are_several_shards_and_names_count_within_them(prepared: Path) -> None:
    shards = read_manifest(prepared).splits["train"]
    examples = open_examples(str(prepared), "train")
    names = [examples.name(i) for i in range(len(examples))]
    assert len(shards) > 1
    assert names == [
        f"{prepared / part.file}, record {i}" for part in shards for i in range(part.examples)
    ]


def test_a_missing_shard_is_named(copy: Path) -> None:
    path = shard(copy)
    path.unlink()
    with pytest.raises(ShampooTuneError, match=f"{path} is missing: copy it again"):
        open_examples(str(copy), "train")
    assert len(open_examples(str(copy), "valid")) == 6


def test_a_short_shard_is_named(copy: Path) -> None:
    path = shard(copy)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ShampooTuneError, match=f"{size - 1:,} bytes instead of {size:,}"):
        open_examples(str(copy), "train")


def test_changed_bytes_are_named_when_they_are_read(copy: Path) -> None:
    path = shard(copy)
    path.write_bytes(bytes(path.stat().st_size))
    examples = open_examples(str(copy), "train")
    first = read_manifest(copy).splits["train"][0].examples
    examples[first - 1]
    with pytest.raises(ShampooTuneError, match=f"cannot read {path}, record 0: "):
        examples[first]


def test_a_split_that_is_not_there_is_refused(prepared: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"has no test split \(it has train, valid\)"):
        open_examples(str(prepared), "test")
