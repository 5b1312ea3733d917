"""manifest.json: what is written is read, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads.imagenet.manifest import Manifest, read_manifest

SHARD = {"file": "train-0.arrayrecord", "examples": 3, "size": 10, "sha256": "0" * 64}
DOCUMENT = {
    "format": "shampoo-tune/imagenet/v1",
    "classes": ["cat", "dog"],
    "splits": {"train": [SHARD]},
}


def test_what_is_saved_is_read(tmp_path: Path) -> None:
    manifest = Manifest.model_validate_json(json.dumps(DOCUMENT))
    manifest.save(tmp_path)
    assert read_manifest(tmp_path) == manifest
    assert json.loads((tmp_path / "manifest.json").read_text()) == DOCUMENT
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"format": "shampoo-tune/imagenet/v2"}, "format: "),
        ({"classes": []}, "classes: "),
        ({"splits": {"train": [SHARD | {"file": "../secret.arrayrecord"}]}}, "file: "),
        ({"splits": {"train": [SHARD | {"examples": "3"}]}}, "examples: "),
        ({"splits": {"dev": [SHARD]}}, "splits.dev"),
        ({"more": 1}, "more: "),
    ],
)
def test_another_document_is_refused(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps(DOCUMENT | change))
    with pytest.raises(InvalidInputError, match=f"manifest.json: .*{told}"):
        read_manifest(tmp_path)


def test_what_is_not_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(InvalidInputError, match=r"manifest\.json: the document: Invalid JSON"):
        read_manifest(tmp_path)
