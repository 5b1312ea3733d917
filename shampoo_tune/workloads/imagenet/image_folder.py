"""A data set as folders of images: train/<class>/*.JPEG, and so valid (or val) and test.

Classes are sorted by name and numbered from 0. Their names come from train; the other splits have
the same ones. Files that do not end in .jpeg, .jpg or .png are no images, and names that begin with
a dot are left out. So is a `test` without folders, as ILSVRC's, whose labels are not public.
"""

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.workloads.imagenet.layout import MANIFEST, SPLIT_FOLDERS

_ENDINGS = (".jpeg", ".jpg", ".png")


class ImageFile(NamedTuple):
    """One image: its path within the split, `class/name`, its bytes on disk and its label."""

    path: str
    size: int
    label: int


@dataclass(frozen=True)
class ImageFolder:
    """The examples of one split, by class and then by name."""

    folder: Path
    files: Sequence[ImageFile]

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[bytes, int]:
        """The file's bytes and the label.

        Raises:
            ShampooTuneError: the file is gone or cannot be read.
        """
        file = self.files[index]
        try:
            return (self.folder / file.path).read_bytes(), file.label
        except OSError as error:
            raise ShampooTuneError(f"cannot read {self.name(index)}: {error.strerror}") from error

    def name(self, index: int) -> str:
        """Where an example is, for people."""
        return str(self.folder / self.files[index].path)


def split_folders(root: Path) -> dict[str, Path]:
    """Split -> its folder, of the splits that are there.

    Raises:
        InvalidInputError: there is no train, or a split has two folders.
    """
    found = {}
    for split, names in SPLIT_FOLDERS.items():
        folders = [root / name for name in names if (root / name).is_dir()]
        if len(folders) > 1:
            raise InvalidInputError(
                f"{root} has {' and '.join(folder.name for folder in folders)}, which are both"
                f" folders of {split}: remove one"
            )
        if folders and (split != "test" or _names(folders[0], folders_only=True)):
            found[split] = folders[0]
    if "train" not in found:
        raise InvalidInputError(
            f"{root} has neither {MANIFEST} nor train/: give a folder that"
            " `shampoo-tune data prepare` wrote, or one with train/<class>/*.JPEG"
        )
    return found


def class_names(root: Path) -> list[str]:
    """The classes, by label.

    Raises:
        InvalidInputError: there are none.
    """
    folder = split_folders(root)["train"]
    names = _names(folder, folders_only=True)
    if not names:
        raise InvalidInputError(f"{folder} has no class folders: put images in {folder}/<class>/")
    return names


def open_image_folder(root: Path, split: str) -> ImageFolder:
    """The examples of a split.

    Raises:
        InvalidInputError: there is no such split, a class has no images, or there is another class.
    """
    folders = split_folders(root)
    if split not in folders:
        raise InvalidInputError(f"{root} has no {split} split: make {root / split}/<class>/")
    return ImageFolder(folders[split], list(_files(folders[split], class_names(root))))


def _files(folder: Path, classes: Sequence[str]) -> Iterator[ImageFile]:
    here = _names(folder, folders_only=True)
    if not here:
        raise InvalidInputError(
            f"{folder} has no class folders: sort its images into {folder}/<class>/, with the"
            " classes of train"
        )
    if unknown := sorted(set(here) - set(classes)):
        raise InvalidInputError(f"{folder / unknown[0]} is no class: train has no {unknown[0]}")
    for label, name in enumerate(classes):
        inside = folder / name
        images = [n for n in _names(inside) if n.lower().endswith(_ENDINGS)]
        if not images:
            raise InvalidInputError(f"{inside} has no images ({', '.join(_ENDINGS)})")
        for image in images:
            yield ImageFile(f"{name}/{image}", (inside / image).stat().st_size, label)


def _names(folder: Path, *, folders_only: bool = False) -> list[str]:
    """What a folder holds, sorted; nothing if it is not there."""
    try:
        with os.scandir(folder) as entries:
            return sorted(
                entry.name
                for entry in entries
                if not entry.name.startswith(".") and (entry.is_dir() or not folders_only)
            )
    except FileNotFoundError:
        return []


def fingerprint_image_folder(root: Path) -> str:
    """sha256 of the paths and sizes of all images, a line each, sorted within each split."""
    digest = hashlib.sha256()
    for split in split_folders(root):
        for file in sorted(open_image_folder(root, split).files):
            digest.update(f"{split}/{file.path} {file.size}\n".encode())
    return digest.hexdigest()
