"""A prepared data set checked: what is wrong is found and named."""

import shutil
from pathlib import Path

import pytest

from shampoo_tune.workloads.imagenet.manifest import Shard, read_manifest
from shampoo_tune.workloads.imagenet.record_shards import write_records
from shampoo_tune.workloads.imagenet.verifying import examine_shard, verify
from tests.workloads.imagenet.pictures import encoded


def problems(root: Path, decode_every: int = 1) -> list[str]:
    return verify(root, read_manifest(root), 2, decode_every, lambda _: None)


@pytest.fixture
def copy(prepared: Path, tmp_path: Path) -> Path:
    """A data set that may be damaged."""
    return Path(shutil.copytree(prepared, tmp_path / "copy"))


def test_a_whole_data_set_has_no_problems(prepared: Path) -> None:
    counted: list[int] = []
    assert verify(prepared, read_manifest(prepared), 2, 1, counted.append) == []
    assert sum(counted) == 18


def first_shard(root: Path) -> tuple[Path, Shard]:
    shard = read_manifest(root).splits["train"][0]
    return root / shard.file, shard


def test_one_changed_bit_is_found(copy: Path) -> None:
    path, _ = first_shard(copy)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert f"{path} is not what was written (sha256): copy it again" in problems(copy)


def test_a_missing_and_a_short_shard_are_found(copy: Path) -> None:
    path, _ = first_shard(copy)
    path.write_bytes(b"short")
    other = copy / read_manifest(copy).splits["valid"][0].file
    other.unlink()
    short, missing = problems(copy)
    assert "has 5 bytes instead of" in short
    assert f"{other} is missing" in missing


def test_records_are_counted_and_decoded(tmp_path: Path) -> None:
    path = tmp_path / "shard.arrayrecord"
    good, broken = encoded(20, 20), encoded(20, 20)[:-30]
    write_records(path, [(good, 0), (broken, 1), (good, 2), (broken, 3)])
    report = examine_shard(path, 5, "image {}".format, 1, lambda _: None)
    assert report.examples == 4
    assert [problem.split(" cannot")[0] for problem in report.problems[:2]] == [
        "image 1",
        "image 3",
    ]
    assert report.problems[2].endswith("has 4 records instead of 5")
    assert examine_shard(path, 4, str, 2, lambda _: None).problems == ()
