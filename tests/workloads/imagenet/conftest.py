"""One small data set in both layouts."""

from pathlib import Path

import pytest

from shampoo_tune.workloads.imagenet.preparing import (
    examine_shards,
    finish,
    plan_preparation,
    write_shards,
)
from tests.workloads.imagenet.pictures import make_folder


def prepare(source: Path, target: Path, examples_a_shard: int = 3) -> list[str]:
    """All steps of `data prepare`; returns what is wrong."""
    preparation = plan_preparation(source, target, examples_a_shard)
    write_shards(preparation, 2, lambda _: None)
    reports = examine_shards(preparation, 2, 1, lambda _: None)
    problems = [problem for report in reports for problem in report.problems]
    if not problems:
        finish(preparation, reports)
    return problems


@pytest.fixture(scope="session")
def image_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image folder with 12 images in train and 6 in val; not to be changed."""
    return make_folder(tmp_path_factory.mktemp("images"))


@pytest.fixture(scope="session")
def prepared(image_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as shards of about three images; not to be changed."""
    target = tmp_path_factory.mktemp("prepared")
    assert prepare(image_folder, target) == []
    return target
