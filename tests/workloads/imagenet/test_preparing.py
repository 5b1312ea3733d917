"""Shards from an image folder: the same bytes always, whole or not there, continued."""

import shutil
from pathlib import Path

import pytest

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.workloads.imagenet.examples import open_examples
from shampoo_tune.workloads.imagenet.preparing import plan_preparation, write_shards
from tests.workloads.imagenet.conftest import prepare


def contents(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in root.iterdir()}


@pytest.fixture
def images(image_folder: Path, tmp_path: Path) -> Path:
    """An image folder that may be changed."""
    return Path(shutil.copytree(image_folder, tmp_path / "images"))


def interrupted(source: Path, target: Path, after: int) -> None:
    """`write_shards` until so many images were read."""
    left = iter(range(after))

    def advance(_: int) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_shards(plan_preparation(source, target, 3), 1, advance)


def test_the_same_images_give_the_same_files(
    image_folder: Path, prepared: Path, tmp_path: Path
) -> None:
    assert prepare(image_folder, tmp_path / "again") == []
    assert contents(tmp_path / "again") == contents(prepared)


@pytest.mark.parametrize("after", [0, 7, 17])
def test_an_interrupted_preparation_is_continued(
    image_folder: Path, prepared: Path, tmp_path: Path, after: int
) -> None:
    target = tmp_path / "shards"
    interrupted(image_folder, target, after)
    kept = contents(target)
    assert kept.items() <= contents(prepared).items()
    if kept:
        with pytest.raises(InvalidInputError, match="run it again, which continues"):
            open_examples(str(target), "train")
    before = {name: (target / name).stat().st_mtime_ns for name in kept}
    assert prepare(image_folder, target) == []
    assert contents(target) == contents(prepared)
    assert before == {name: (target / name).stat().st_mtime_ns for name in kept}


def test_what_a_killed_command_left_is_removed(images: Path, tmp_path: Path) -> None:
    target = tmp_path / "shards"
    interrupted(images, target, 17)
    half = target / ".train-00000-of-00009-0123456789ab.arrayrecord.part"
    half.write_bytes(b"half a shard")
    (images / "train" / "n01" / "n01_0.JPEG").unlink()
    assert prepare(images, target) == []
    assert {path.name for path in target.iterdir()} == {"manifest.json"} | {
        plan.file for plan in plan_preparation(images, target, 3).shards
    }


def test_a_broken_image_is_named_and_its_shard_written_again(
    images: Path, tmp_path: Path, prepared: Path
) -> None:
    target, broken = tmp_path / "shards", images / "train" / "n02" / "n02_1.JPEG"
    good = broken.read_bytes()
    broken.write_bytes(good[:-20] + bytes(20))  # the same size, and no end of the image
    (told,) = prepare(images, target)
    assert told.startswith(f"{broken} cannot be decoded: ")
    assert not (target / "manifest.json").exists()
    assert len(list(target.iterdir())) == len(list(prepared.iterdir())) - 2
    broken.write_bytes(good)
    assert prepare(images, target) == []
    assert contents(target) == contents(prepared)


def test_a_folder_with_another_data_set_is_left_alone(images: Path, prepared: Path) -> None:
    before = contents(prepared)
    (images / "val" / "n01" / "n01_1.JPEG").unlink()
    with pytest.raises(InvalidInputError, match="holds a data set of other images"):
        plan_preparation(images, prepared, 3)
    assert contents(prepared) == before


def test_a_target_that_is_no_folder_is_refused(image_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInputError, match="cannot make the folder "):
        plan_preparation(image_folder, tmp_path / "file")


def test_an_image_that_goes_while_it_is_read_is_named(images: Path, tmp_path: Path) -> None:
    preparation = plan_preparation(images, tmp_path / "shards", 3)
    gone = images / "val" / "n03" / "n03_1.JPEG"
    gone.unlink()
    with pytest.raises(ShampooTuneError, match=f"cannot read {gone}"):
        write_shards(preparation, 2, lambda _: None)
    assert not list((tmp_path / "shards").glob(".*"))
