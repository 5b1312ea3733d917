"""Bare names of study files: a file of that name wins, then the shipped ones."""

from pathlib import Path

import pytest

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.tuner.study_file.shipped import find_study_file, shipped_study_files

SPACES = Path(__file__).parents[3] / "search_spaces"


def test_every_file_of_search_spaces_has_its_bare_name() -> None:
    assert shipped_study_files() == {path.stem: path for path in sorted(SPACES.glob("*.yaml"))}


def test_a_bare_name_is_a_shipped_file_also_beside_a_folder_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "resnet").mkdir()
    assert find_study_file(Path("resnet")) == SPACES / "resnet.yaml"


def test_a_file_of_that_name_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "resnet").write_text("version: 1")
    assert find_study_file(Path("resnet")) == Path("resnet")


@pytest.mark.parametrize("given", ["resnet.yaml", "./x/resnet", "search_spaces/resnet", "/resnet"])
def test_what_looks_like_a_path_is_one(given: str) -> None:
    assert find_study_file(Path(given)) == Path(given)


def test_a_name_that_is_neither_is_met_with_the_nearest_and_with_all() -> None:
    with pytest.raises(InvalidInputError, match="did you mean 'resnet'") as told:
        find_study_file(Path("resnett"))
    assert all(name in str(told.value) for name in shipped_study_files())
