"""What is said where the extra is missing."""

import sys
from pathlib import Path

import pytest

from shampoo_tune.errors import ShampooTuneError
from shampoo_tune.workloads.imagenet.examples import open_examples
from shampoo_tune.workloads.imagenet.extra import require_extra
from shampoo_tune.workloads.imagenet.preparing import plan_preparation


def test_the_extra_is_there() -> None:
    require_extra()


def test_a_missing_package_and_the_extra_are_named(
    monkeypatch: pytest.MonkeyPatch, image_folder: Path, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "grain", None)  # as Python marks what cannot be imported
    told = r"^ImageNet needs grain: pip install 'shampoo-tune\[imagenet\]'$"
    with pytest.raises(ShampooTuneError, match=told):
        open_examples(str(image_folder), "train")
    with pytest.raises(ShampooTuneError, match=told):
        plan_preparation(image_folder, tmp_path / "shards")
