"""Image folders: labels, names of splits, and what is refused."""

from pathlib import Path

import pytest

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.workloads.imagenet.image_folder import (
    class_names,
    fingerprint_image_folder,
    open_image_folder,
)
from tests.workloads.imagenet.pictures import make_folder


@pytest.mark.parametrize("valid", ["valid", "val", "validation"])
def test_classes_are_sorted_and_images_follow_them(tmp_path: Path, valid: str) -> None:
    root = make_folder(tmp_path, 2, valid)
    (root / "train" / "n02" / "notes.txt").write_text("no image")
    (root / "train" / ".hidden").mkdir()
    assert class_names(root) == ["n01", "n02", "n03"]
    examples = open_image_folder(root, "valid")
    assert [examples[i][1] for i in range(len(examples))] == [0, 0, 1, 1, 2, 2]
    train = open_image_folder(root, "train")
    assert train.name(5) == str(root / "train" / "n03" / "n03_1.JPEG")
    assert train[5] == ((root / "train" / "n03" / "n03_1.JPEG").read_bytes(), 2)


def test_the_fingerprint_is_of_paths_and_sizes(tmp_path: Path) -> None:
    one, other = make_folder(tmp_path / "a", 2), make_folder(tmp_path / "b", 2, "valid")
    before = fingerprint_image_folder(one)
    assert before == fingerprint_image_folder(other)
    (one / "val" / "n01" / "n01_0.JPEG").write_bytes(b"other")
    assert fingerprint_image_folder(one) != before


def refused(root: Path, split: str, told: str) -> None:
    with pytest.raises(InvalidInputError, match=told):
        open_image_folder(root, split)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    refused(tmp_path, "train", "neither manifest.json nor train/: give a folder")
    (tmp_path / "train").mkdir()
    refused(tmp_path, "train", "train has no class folders: put images in")


def test_a_split_that_is_missing_or_double_is_refused(tmp_path: Path) -> None:
    root = make_folder(tmp_path, 1)
    refused(root, "test", "has no test split: make ")
    (root / "validation").mkdir()
    refused(root, "train", "has val and validation, which are both folders of valid: remove one")


def test_a_class_without_images_is_refused(tmp_path: Path) -> None:
    root = make_folder(tmp_path, 1)
    (root / "train" / "n02" / "n02_0.JPEG").rename(root / "train" / "n02" / "n02_0.gif")
    refused(root, "train", "n02 has no images")


def test_a_class_that_train_lacks_is_refused(tmp_path: Path) -> None:
    root = make_folder(tmp_path, 1)
    (root / "val" / "n04").mkdir()
    refused(root, "valid", "n04 is no class: train has no n04")


def test_images_without_class_folders_are_refused_in_valid_and_left_out_in_test(
    tmp_path: Path,
) -> None:
    """As ILSVRC comes: validation images must be sorted, and test images have no labels."""
    (make_folder(tmp_path, 1) / "test").mkdir()
    (tmp_path / "test" / "ILSVRC2012_test_00000001.JPEG").write_bytes(b"image")
    refused(tmp_path, "test", "has no test split")
    for folder in sorted((tmp_path / "val").iterdir()):
        for path in folder.iterdir():
            path.rename(tmp_path / "val" / path.name)
        folder.rmdir()
    refused(tmp_path, "valid", "val has no class folders: sort its images into")


def test_an_image_that_has_gone_is_named(tmp_path: Path) -> None:
    examples = open_image_folder(make_folder(tmp_path, 1), "train")
    path = tmp_path / "train" / "n01" / "n01_0.JPEG"
    path.unlink()
    with pytest.raises(ShampooTuneError, match=f"cannot read {path}: No such file"):
        examples[0]
