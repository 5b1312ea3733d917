"""Which image goes into which shard: decided by its path, so it is the same on every machine.

The sha256 of `class/name` sorts the images of a split, and its first bits name the shard. That is
a shuffle without a random number, and an image that is added, removed or repaired changes its own
shard only. A shard's file name ends in a digest of what goes in, so a file of that name is done.
"""

import hashlib
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from shampoo_tune.workloads.imagenet.image_folder import ImageFile, ImageFolder

# ImageNet gets 128 and 4 shards. A reader keeps a file open for each, and many systems allow 1,024.
EXAMPLES_A_SHARD = 8192
SHARD_NAME = re.compile(r"(train|valid|test)-\d{5}-of-\d{5}-[0-9a-f]{12}\.arrayrecord")


@dataclass(frozen=True)
class ShardPlan:
    """A shard's split, its file name, and its images in their order."""

    split: str
    file: str
    images: ImageFolder


def plan_shards(
    split: str, images: ImageFolder, examples_a_shard: int = EXAMPLES_A_SHARD
) -> list[ShardPlan]:
    """The shards of a split: the greatest power of two that leaves `examples_a_shard` in each.

    With very few images a shard, some numbers have no image and no file.
    """
    shards = 1 << max(0, (len(images) // examples_a_shard).bit_length() - 1)
    keyed = sorted((hashlib.sha256(file.path.encode()).digest(), file) for file in images.files)
    groups = itertools.groupby(keyed, lambda pair: int.from_bytes(pair[0][:8]) * shards >> 64)
    plans = []
    for number, group in groups:
        files = [file for _, file in group]
        name = f"{split}-{number:05d}-of-{shards:05d}-{_digest(files)}.arrayrecord"
        plans.append(ShardPlan(split, name, ImageFolder(images.folder, files)))
    return plans


def _digest(files: Sequence[ImageFile]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.label} {file.size} {file.path}\n".encode())
    return digest.hexdigest()[:12]
