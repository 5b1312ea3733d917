"""`data prepare` and `data verify` as a user runs them."""

import json
from pathlib import Path

from tests.conftest import Run
from tests.workloads.imagenet.pictures import make_folder

PREPARE = ("data", "prepare", "imagenet", "--from", "images", "--to", "shards")
VERIFY = ("data", "verify", "imagenet", "--from", "shards")


def test_a_data_set_is_prepared_kept_and_verified(shampoo_tune: Run, tmp_path: Path) -> None:
    make_folder(tmp_path / "images")
    told = shampoo_tune(*PREPARE)
    assert "train: 12 images in 1 shards" in told.stdout
    assert "writing: 18 of 18 images" in told.stderr
    assert "checking: 18 of 18 images" in told.stderr
    document = json.loads(shampoo_tune(*PREPARE, "--json").stdout)
    size = sum(path.stat().st_size for path in (tmp_path / "shards").glob("train-*"))
    assert document["schema"] == "shampoo-tune/data-prepare/v1"
    assert (document["shards_written"], document["shards_kept"]) == (0, 2)
    assert document["splits"]["train"] == {"examples": 12, "shards": 1, "bytes": size}
    assert (document["classes"], document["problems"]) == (3, [])
    verified = json.loads(shampoo_tune(*VERIFY, "--decode-every", "5", "--json").stdout)
    assert verified["schema"] == "shampoo-tune/data-verify/v1"
    assert verified["splits"] == document["splits"]


def test_broken_images_are_listed_and_nothing_claims_to_be_whole(
    shampoo_tune: Run, tmp_path: Path
) -> None:
    images = make_folder(tmp_path / "images")
    broken = [images / "train" / "n02" / "n02_0.JPEG", images / "val" / "n01" / "n01_1.JPEG"]
    for path in broken:
        path.write_bytes(path.read_bytes()[:-20])
    told = shampoo_tune(*PREPARE, code=1)
    assert told.stdout == ""
    for path in broken:
        assert f"{path.relative_to(tmp_path)} cannot be decoded: " in told.stderr
    assert "2 problems in shards" in told.stderr
    assert "has no manifest.json" in shampoo_tune(*VERIFY, code=2).stderr
    document = json.loads(shampoo_tune(*PREPARE, "--json", code=1).stdout)
    assert len(document["problems"]) == 2
    assert (document["classes"], document["splits"]) == (None, {})


def test_a_damaged_shard_is_found_and_written_again(shampoo_tune: Run, tmp_path: Path) -> None:
    make_folder(tmp_path / "images")
    shampoo_tune(*PREPARE)
    (path,) = (tmp_path / "shards").glob("valid-*")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert "is not what was written (sha256)" in shampoo_tune(*VERIFY, code=1).stderr
    path.unlink()
    assert "is missing: copy it again" in shampoo_tune(*VERIFY, code=1).stderr
    shampoo_tune(*PREPARE)
    assert path.read_bytes() == whole
    shampoo_tune(*VERIFY)


def test_what_cannot_be_prepared_is_refused(shampoo_tune: Run, tmp_path: Path) -> None:
    assert "there is no folder images" in shampoo_tune(*PREPARE, code=2).stderr
    (tmp_path / "images").mkdir()
    assert "neither manifest.json nor train/" in shampoo_tune(*PREPARE, code=2).stderr
    assert "'cifar' is not" in shampoo_tune("data", "prepare", "cifar", code=2).stderr
