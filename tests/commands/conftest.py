"""Fixtures of whole launches: in this process, and as processes that may be disturbed."""

from pathlib import Path
from typing import Any

import pytest

from tests.commands.disturbing import LAUNCH, STUDY, launch_again, rows
from tests.tuner.conftest import laboratory

__all__ = ["laboratory"]


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The rows of `disturbing.STUDY`, of local workers."""
    folder = tmp_path_factory.mktemp("undisturbed")
    (folder / "quick.yaml").write_text(STUDY)
    launch_again(folder, *LAUNCH)
    return rows(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with `disturbing.STUDY`."""
    (tmp_path / "quick.yaml").write_text(STUDY)
    return tmp_path
