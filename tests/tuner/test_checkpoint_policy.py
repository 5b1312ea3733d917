"""Where and how often runs are saved."""

import importlib.util
from pathlib import Path

import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.checkpoint_policy import CheckpointPolicy


@pytest.mark.parametrize("every_steps", [None, 200])
def test_a_worker_is_told_by_its_arguments(tmp_path: Path, every_steps: int | None) -> None:
    policy = CheckpointPolicy.in_folder(str(tmp_path / "new" / "saved"), every_steps, 90.0)
    assert (tmp_path / "new" / "saved").is_dir()
    assert CheckpointPolicy.from_arguments(policy.to_arguments()) == policy
    assert CheckpointPolicy.from_arguments([]) is None


@pytest.mark.parametrize("address", ["s3://bucket/saved", "gs://bucket", "gs://bucket/", "gs:///a"])
def test_addresses_that_nothing_can_write_to_are_refused(address: str) -> None:
    with pytest.raises(InvalidInputError, match="name a folder, or gs://BUCKET/PATH"):
        CheckpointPolicy.in_folder(address, None, 60.0)


def test_a_bucket_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[str] = []
    monkeypatch.setattr(importlib.util, "find_spec", found.append)
    with pytest.raises(InvalidInputError, match=r"pip install 'shampoo-tune\[gcs\]'"):
        CheckpointPolicy.in_folder("gs://bucket/saved", None, 60.0)
    assert found == ["gcsfs"]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    policy = CheckpointPolicy.in_folder("gs://bucket/saved/", None, 60.0)
    assert policy.folder == "gs://bucket/saved"
