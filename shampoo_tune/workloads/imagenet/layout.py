"""Names that both layouts of a data set share."""

from shampoo_tune.errors import InvalidInputError

# Split -> the folders that it may have in an image folder.
SPLIT_FOLDERS = {
    "train": ("train",),
    "valid": ("valid", "val", "validation"),
    "test": ("test",),
}
MANIFEST = "manifest.json"


def check_split(split: str) -> None:
    """Whether there may be such a split.

    Raises:
        InvalidInputError: no.
    """
    if split not in SPLIT_FOLDERS:
        raise InvalidInputError(f"unknown split {split!r} (known: {', '.join(SPLIT_FOLDERS)})")
