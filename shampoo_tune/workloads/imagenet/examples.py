"""The examples of a split, as encoded images with labels, in either layout."""

from pathlib import Path
from typing import Protocol

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads.imagenet.extra import require_extra
from shampoo_tune.workloads.imagenet.image_folder import fingerprint_image_folder, open_image_folder
from shampoo_tune.workloads.imagenet.layout import MANIFEST, check_split
from shampoo_tune.workloads.imagenet.manifest import fingerprint_manifest, read_manifest
from shampoo_tune.workloads.imagenet.record_shards import open_record_shards


class Examples(Protocol):
    """Encoded images with labels; threads may read at the same time."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> tuple[bytes, int]:
        """The bytes of the image file, and the label."""
        ...

    def name(self, index: int) -> str:
        """Where an example is, for people."""
        ...


def open_examples(folder: str, split: str) -> Examples:
    """The examples of a split.

    Args:
        folder: what `shampoo-tune data prepare imagenet` wrote, or an image folder.
        split: `train`, `valid` or `test`.

    Raises:
        InvalidInputError: the folder is not there, or has neither layout or no such split.
        ShampooTuneError: a shard is missing or short, or the extra is not installed.
    """
    require_extra()
    check_split(split)
    root = _existing(folder)
    if (root / MANIFEST).exists():
        return open_record_shards(root, read_manifest(root), split)
    return open_image_folder(root, split)


def fingerprint(folder: str) -> str:
    """sha256 of the data set: of the manifest, or of the paths and sizes of an image folder.

    Raises:
        InvalidInputError: as `open_examples`.
    """
    root = _existing(folder)
    if (root / MANIFEST).exists():
        return fingerprint_manifest(root)
    return fingerprint_image_folder(root)


def _existing(folder: str) -> Path:
    root = Path(folder)
    if not root.is_dir():
        raise InvalidInputError(f"there is no folder {root}")
    if not (root / MANIFEST).exists() and any(root.glob("*.arrayrecord")):
        raise InvalidInputError(
            f"{root} has shards but no {MANIFEST}, because `data prepare` was interrupted: run it"
            " again, which continues"
        )
    return root
