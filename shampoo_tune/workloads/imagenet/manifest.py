"""manifest.json: what a prepared data set holds. As it is written last, all of that is there."""

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.workloads.imagenet.layout import MANIFEST

_STRICT = ConfigDict(frozen=True, extra="forbid", strict=True)


class Shard(BaseModel):
    """One file of records."""

    model_config = _STRICT

    # A name and no path: a manifest cannot lead out of its folder.
    file: Annotated[str, Field(pattern=r"^[\w-]+\.arrayrecord$")]
    examples: Annotated[int, Field(gt=0)]
    size: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """The whole data set: class names by label, and the shards of each split in their order."""

    model_config = _STRICT

    format: Literal["shampoo-tune/imagenet/v1"] = "shampoo-tune/imagenet/v1"
    classes: Annotated[tuple[str, ...], Field(min_length=1)]
    splits: dict[
        Literal["train", "valid", "test"], Annotated[tuple[Shard, ...], Field(min_length=1)]
    ]

    def save(self, root: Path) -> None:
        """Write it, whole or not at all."""
        part = root / f".{MANIFEST}.part"
        part.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        part.replace(root / MANIFEST)


def read_manifest(root: Path) -> Manifest:
    """The manifest of a prepared folder.

    Raises:
        InvalidInputError: it is not what `data prepare` writes.
    """
    path = root / MANIFEST
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise InvalidInputError(f"{path}: {where}: {first['msg']}") from error


def fingerprint_manifest(root: Path) -> str:
    """sha256 of the manifest, which has those of all shards."""
    return hashlib.sha256((root / MANIFEST).read_bytes()).hexdigest()
