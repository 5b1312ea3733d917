"""Both layouts hold the same examples."""

from pathlib import Path

import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads.imagenet.examples import fingerprint, open_examples


@pytest.mark.parametrize("split", ["train", "valid"])
def test_shards_hold_every_image_of_the_folder_once_and_in_another_order(
    image_folder: Path, prepared: Path, split: str
) -> None:
    one, other = (open_examples(str(root), split) for root in (image_folder, prepared))
    listed = [[examples[i] for i in range(len(examples))] for examples in (one, other)]
    assert sorted(listed[0]) == sorted(listed[1])
    assert listed[0] != listed[1]


@pytest.mark.parametrize("layout", ["image_folder", "prepared"])
def test_each_layout_has_a_fingerprint(layout: str, request: pytest.FixtureRequest) -> None:
    root = str(request.getfixturevalue(layout))
    assert fingerprint(root) == fingerprint(root)
    assert len(fingerprint(root)) == 64


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    for ask in (fingerprint, lambda folder: open_examples(folder, "train")):
        with pytest.raises(InvalidInputError, match="there is no folder "):
            ask(str(tmp_path / "none"))


def test_shards_without_a_manifest_are_refused(tmp_path: Path) -> None:
    (tmp_path / "train-0.arrayrecord").write_bytes(b"half")
    with pytest.raises(InvalidInputError, match="interrupted: run it again, which continues"):
        open_examples(str(tmp_path), "train")
