"""Which image goes where: by its path alone."""

import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shampoo_tune.workloads.imagenet.image_folder import ImageFile, ImageFolder
from shampoo_tune.workloads.imagenet.shard_plan import SHARD_NAME, ShardPlan, plan_shards


def images(count: int) -> ImageFolder:
    files = [ImageFile(f"n{i % 7}/n{i % 7}_{i}.JPEG", 100 + i, i % 7) for i in range(count)]
    return ImageFolder(Path("somewhere"), files)


def planned(folder: ImageFolder, examples_a_shard: int = 50) -> list[ShardPlan]:
    return plan_shards("train", folder, examples_a_shard)


@given(st.integers(1, 400), st.integers(1, 100))
def test_every_image_is_in_one_shard(count: int, examples_a_shard: int) -> None:
    plans = planned(images(count), examples_a_shard)
    assert sorted(f for plan in plans for f in plan.images.files) == sorted(images(count).files)
    assert all(SHARD_NAME.fullmatch(plan.file) and len(plan.images) for plan in plans)
    assert len({plan.file for plan in plans}) == len(plans) <= max(1, count // examples_a_shard)


@pytest.mark.parametrize(("count", "shards"), [(40_000, 4), (8192, 1), (8191, 1), (1, 1)])
def test_shards_are_few_and_of_similar_size(count: int, shards: int) -> None:
    sizes = [len(plan.images) for plan in plan_shards("train", images(count))]
    assert len(sizes) == shards
    assert min(sizes) > 0.95 * count / shards


def test_the_order_of_the_files_is_no_matter() -> None:
    turned = ImageFolder(Path("elsewhere"), images(300).files[::-1])
    files = [plan.file for plan in planned(images(300))]
    assert files == [plan.file for plan in planned(turned)]
    assert files[0] == "train-00000-of-00004-d68e36a56dbc.arrayrecord"


def test_neighbours_in_the_folder_are_no_neighbours_in_a_shard() -> None:
    labels = [file.label for plan in planned(images(350)) for file in plan.images.files]
    repeats = sum(a == b for a, b in itertools.pairwise(labels))
    assert abs(repeats - 350 / 7) < 25


def test_an_image_that_changes_changes_its_own_shard_only() -> None:
    files = images(300).files
    changed = ImageFolder(Path("somewhere"), [files[0]._replace(size=7), *files[1:]])
    before, after = ({plan.file for plan in planned(f)} for f in (images(300), changed))
    assert len(before - after) == len(after - before) == 1
